package org.postroad.schemas.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A regular expression that is found in a text, or is not, in a time that grows with both of their lengths and with nothing else.
 *
 * <p>An operator's expression runs where mail is delivered, over every reply that waits. {@link java.util.regex.Pattern} goes back and
 * tries again, so that {@code (a+)+$} takes hours for forty letters, and long alternatives overflow the stack. Here all ways are followed
 * together, letter by letter, as Ken Thompson described it in 1968. What cannot be done so is refused, see {@link TextPatternParser}, and
 * so is what takes more than {@link #STEPS} steps. Immutable.
 */
final class TextPattern {
    /** Thousands of replies, of 512 octets at most, are looked at in a second then, whatever the expression. */
    static final int STEPS = 300;

    /** One step of the way through an expression. */
    private sealed interface Step {
        /** Takes a letter, and goes on at the next. */
        record Take(IntPredicate letter) implements Step {}

        /** Goes on at the next where this holds. */
        record Where(Place place) implements Step {}

        /** Goes on at both. */
        record Fork(int one, int other) implements Step {}

        /** It is found. */
        record Found() implements Step {}
    }

    /** A condition that takes no letter. */
    interface Place {
        boolean holds(String text, int at);
    }

    /** A part of an expression, which writes its steps: at least one, so that nothing that repeats nothing goes on for ever. */
    interface Part {
        void write(Steps steps);

        static Part letter(IntPredicate letter) {
            return steps -> steps.add(new Step.Take(letter));
        }

        static Part where(Place place) {
            return steps -> steps.add(new Step.Where(place));
        }

        static Part nothing() {
            return where((text, at) -> true);
        }

        static Part oneAfterAnother(List<Part> parts) {
            return parts.isEmpty() ? nothing() : steps -> parts.forEach(part -> part.write(steps));
        }

        static Part either(Part one, Part other) {
            return steps -> {
                int fork = steps.reserve();
                one.write(steps);
                int over = steps.reserve();
                steps.fork(fork, fork + 1, steps.next());
                other.write(steps);
                steps.fork(over, steps.next(), steps.next());
            };
        }

        static Part maybe(Part part) {
            return either(part, nothing());
        }

        static Part anyTimes(Part part) {
            return steps -> {
                int fork = steps.reserve();
                part.write(steps);
                int back = steps.reserve();
                steps.fork(back, fork, fork);
                steps.fork(fork, fork + 1, steps.next());
            };
        }
    }

    /** The steps while they are written. */
    static final class Steps {
        private final List<Step> steps = new ArrayList<>();

        private int next() {
            return steps.size();
        }

        private void add(Step step) {
            if (steps.size() == STEPS) {
                throw new IllegalArgumentException("it is too long, or repeats too much");
            }
            steps.add(step);
        }

        /** Room for a fork of which it is not known yet where it goes. */
        private int reserve() {
            add(new Step.Found());
            return steps.size() - 1;
        }

        private void fork(int reserved, int one, int other) {
            steps.set(reserved, new Step.Fork(one, other));
        }
    }

    private final List<Step> steps;

    private TextPattern(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** @throws IllegalArgumentException with words for the operator */
    static TextPattern of(String expression) {
        Part whole = new TextPatternParser(expression).parse();
        Steps written = new Steps();
        whole.write(written);
        written.add(new Step.Found());
        return new TextPattern(written.steps);
    }

    /** Whether it is found anywhere in a text. */
    boolean isFoundIn(String text) {
        Ways now = new Ways(text);
        Ways next = new Ways(text);
        for (int at = 0; at < text.length(); at++) {
            if (now.goOn(0, at) || now.take(text.charAt(at), at, next)) {
                return true;
            }
            Ways emptied = now;
            emptied.clear();
            now = next;
            next = emptied;
        }
        return now.goOn(0, text.length());
    }

    /** Where one can be at one place of the text, each step once. */
    private final class Ways {
        private final String text;
        private final int[] reached = new int[steps.size()];
        private final boolean[] seen = new boolean[steps.size()];
        private int count;

        Ways(String text) {
            this.text = text;
        }

        void clear() {
            for (int i = 0; i < count; i++) {
                seen[reached[i]] = false;
            }
            count = 0;
        }

        /** Goes on from a step as far as no letter is needed; whether that is to the end. */
        boolean goOn(int first, int at) {
            int looked = count;
            add(first);
            while (looked < count) {
                int here = reached[looked++];
                Step step = steps.get(here);
                if (step instanceof Step.Found) {
                    return true;
                } else if (step instanceof Step.Fork fork) {
                    add(fork.one());
                    add(fork.other());
                } else if (step instanceof Step.Where where && where.place().holds(text, at)) {
                    add(here + 1);
                }
            }
            return false;
        }

        private void add(int step) {
            if (!seen[step]) {
                seen[step] = true;
                reached[count++] = step;
            }
        }

        /** All that take the letter go on behind it; whether one of them comes to the end. */
        boolean take(char letter, int at, Ways behind) {
            for (int i = 0; i < count; i++) {
                if (steps.get(reached[i]) instanceof Step.Take take
                        && take.letter().test(letter)
                        && behind.goOn(reached[i] + 1, at + 1)) {
                    return true;
                }
            }
            return false;
        }
    }
}
