package org.postroad.schemas.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.postroad.schemas.policy.TextPattern.Part;

/**
 * Reads a regular expression, once.
 *
 * <p>Known are letters, {@code .}, {@code [a-z]} and {@code [^a-z]}, {@code \d \w \s \D \W \S}, {@code \b \B ^ $}, groups, {@code |},
 * {@code * + ? {n} {n,} {n,m}}, and for ASCII {@code (?i)} at the beginning. They mean what they mean in {@link java.util.regex.Pattern},
 * but that {@code $} is the end of the text alone. References back and conditions on what is ahead or behind are not known: they cannot be
 * followed in bounded time.
 */
final class TextPatternParser {
    private static final int MOST_LETTERS = 1_000;
    private static final int MOST_TIMES = 1_000;
    private static final String ANY_CASE = "(?i)";
    private static final String NO_LETTERS_FOR_DOT = "\n\r\u0085\u2028\u2029";

    private final String text;
    private final boolean anyCase;
    private int at;

    TextPatternParser(String text) {
        this.text = text;
        this.anyCase = text.startsWith(ANY_CASE);
        this.at = anyCase ? ANY_CASE.length() : 0;
    }

    /** @throws IllegalArgumentException with words for the operator */
    Part parse() {
        if (text.length() > MOST_LETTERS) {
            throw fault("more than " + MOST_LETTERS + " letters");
        }
        Part whole = alternatives();
        if (at < text.length()) {
            throw fault("a ) too many");
        }
        return whole;
    }

    private Part alternatives() {
        Part all = sequence();
        while (isNext('|')) {
            at++;
            all = Part.either(all, sequence());
        }
        return all;
    }

    private Part sequence() {
        List<Part> parts = new ArrayList<>();
        while (at < text.length() && !isNext('|') && !isNext(')')) {
            parts.add(repeated(part()));
        }
        return Part.oneAfterAnother(parts);
    }

    private Part repeated(Part part) {
        if (at == text.length()) {
            return part;
        }
        Part repeated;
        switch (text.charAt(at)) {
            case '*' -> repeated = Part.anyTimes(part);
            case '+' -> repeated = Part.oneAfterAnother(List.of(part, Part.anyTimes(part)));
            case '?' -> repeated = Part.maybe(part);
            case '{' -> {
                at++;
                repeated = counted(part);
            }
            default -> {
                return part;
            }
        }
        at++;
        if (isNext('?')) {
            at++; // the shortest: it is found all the same
        } else if (isNext('*') || isNext('+') || isNext('{')) {
            throw fault("repeated twice");
        }
        return repeated;
    }

    /** Up to the brace that closes. */
    private Part counted(Part part) {
        List<Part> parts = new ArrayList<>();
        int least = number();
        for (int i = 0; i < least; i++) {
            parts.add(part);
        }
        if (isNext(',')) {
            at++;
            if (isNext('}')) {
                parts.add(Part.anyTimes(part));
            } else {
                int most = number();
                if (most < least) {
                    throw fault("fewer at most than at least");
                }
                for (int i = least; i < most; i++) {
                    parts.add(Part.maybe(part));
                }
            }
        }
        if (!isNext('}')) {
            throw fault("} is missing");
        }
        return Part.oneAfterAnother(parts);
    }

    private int number() {
        int number = -1;
        while (at < text.length() && isDigit(text.charAt(at)) && number <= MOST_TIMES) {
            number = Math.max(0, number) * 10 + text.charAt(at++) - '0';
        }
        if (number < 0 || number > MOST_TIMES) {
            throw fault("no number of times up to " + MOST_TIMES);
        }
        return number;
    }

    private Part part() {
        char letter = text.charAt(at++);
        return switch (letter) {
            case '(' -> group();
            case '[' -> letters(bracket());
            case '.' -> letters(any -> NO_LETTERS_FOR_DOT.indexOf(any) < 0);
            case '^' -> Part.where((whole, place) -> place == 0);
            case '$' -> Part.where((whole, place) -> place == whole.length());
            case '*', '+', '?', '{' -> throw fault(letter + " with nothing to repeat");
            case '\\' -> escaped();
            default -> letters(one -> one == letter);
        };
    }

    private Part group() {
        if (isNext('?')) {
            at++;
            if (!isNext(':')) {
                throw fault("(? not followed by : is not known");
            }
            at++;
        }
        Part inner = alternatives();
        if (!isNext(')')) {
            throw fault(") is missing");
        }
        at++;
        return inner;
    }

    private Part escaped() {
        if (isNext('b') || isNext('B')) {
            boolean edge = text.charAt(at++) == 'b';
            return Part.where((whole, place) -> edge == (isWord(whole, place - 1) != isWord(whole, place)));
        }
        return letters(escapedLetter());
    }

    private static boolean isWord(String whole, int place) {
        return place >= 0 && place < whole.length() && isWord(whole.charAt(place));
    }

    private static boolean isWord(int letter) {
        return letter == '_' || isDigit(letter) || letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z';
    }

    private static boolean isDigit(int letter) {
        return letter >= '0' && letter <= '9';
    }

    private static boolean isSpace(int letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r';
    }

    private IntPredicate escapedLetter() {
        if (at == text.length()) {
            throw fault("\\ at the end");
        }
        char letter = text.charAt(at++);
        return switch (letter) {
            case 'd' -> TextPatternParser::isDigit;
            case 'w' -> TextPatternParser::isWord;
            case 's' -> TextPatternParser::isSpace;
            case 'D' -> other -> !isDigit(other);
            case 'W' -> other -> !isWord(other);
            case 'S' -> other -> !isSpace(other);
            default -> {
                if (isWord(letter)) {
                    throw fault("\\" + letter + " is not known");
                }
                yield one -> one == letter;
            }
        };
    }

    private IntPredicate bracket() {
        boolean others = isNext('^');
        at += others ? 1 : 0;
        IntPredicate all = none -> false;
        do {
            all = all.or(bracketed());
        } while (!isNext(']'));
        at++;
        return others ? inAnyCase(all).negate() : all;
    }

    private IntPredicate bracketed() {
        char from = bracketedLetter();
        if (from == '\\') {
            return escapedLetter();
        }
        if (!isNext('-') || at + 1 < text.length() && text.charAt(at + 1) == ']') {
            return one -> one == from;
        }
        at++;
        char to = bracketedLetter();
        if (to < from || to == '\\') {
            throw fault(from + "-" + to + " is no range");
        }
        return one -> one >= from && one <= to;
    }

    /** What means something else within brackets in Java is refused. */
    private char bracketedLetter() {
        if (at == text.length() || isNext(']') || isNext('[') || isNext('&') || isNext('^')) {
            throw fault("[] is empty or not closed, or has one of []&^ without a \\ before it");
        }
        return text.charAt(at++);
    }

    private Part letters(IntPredicate letter) {
        return Part.letter(inAnyCase(letter));
    }

    private IntPredicate inAnyCase(IntPredicate letter) {
        if (!anyCase) {
            return letter;
        }
        return one -> letter.test(one)
                || one >= 'A' && one <= 'Z' && letter.test(one + 'a' - 'A')
                || one >= 'a' && one <= 'z' && letter.test(one + 'A' - 'a');
    }

    private boolean isNext(char letter) {
        return at < text.length() && text.charAt(at) == letter;
    }

    private IllegalArgumentException fault(String what) {
        return new IllegalArgumentException(what + " (at " + at + ")");
    }
}
