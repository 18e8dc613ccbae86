package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a refusal means, in one word out of some thirty, so that a million of them can be counted: a mailbox that is full, an address that
 * nobody has, a list that names us. The table is {@code /reply-classes.txt}.
 */
public final class ReplyClass {
    /** What no line of the table fits. */
    public static final String OTHER = "other";

    private static final List<Line> TABLE = read();

    private ReplyClass() {}

    /**
     * One line of the table: it fits a reply that it is about and, if there are phrases, that has one of them.
     *
     * @param replies codes and statuses; null for all
     */
    private record Line(String name, @Nullable Pattern replies, List<String> phrases) {
        static Line of(String text) {
            int space = text.indexOf(' ');
            String[] rest = text.substring(space).strip().split(" {2,}", 2);
            List<String> phrases =
                    rest.length == 1 ? List.of() : List.of(rest[1].strip().split("; *"));
            String about = rest[0].replace(".", "\\.").replace("*", "[0-9]*").replace(' ', '|');
            return new Line(text.substring(0, space), rest[0].equals("*") ? null : Pattern.compile(about), phrases);
        }

        boolean fits(String code, String status, String lower) {
            return isAbout(code, status) && (phrases.isEmpty() || hasAny(lower));
        }

        private boolean isAbout(String code, String status) {
            return replies == null
                    || replies.matcher(status).matches()
                    || replies.matcher(code).matches();
        }

        private boolean hasAny(String lower) {
            for (String phrase : phrases) {
                if (has(lower, phrase)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean has(String text, String phrase) {
            for (int at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
                if (!isInWord(text, at - 1) && !isInWord(text, at + phrase.length())) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isInWord(String text, int at) {
            return at >= 0 && at < text.length() && Character.isLetterOrDigit(text.charAt(at));
        }
    }

    /** The class of a refusal; null for a reply that refuses nothing. */
    public static @Nullable String of(LastReply reply) {
        if (reply.getCode() < 400) {
            return null;
        }
        String code = Integer.toString(reply.getCode());
        String lower = Ascii.lower(reply.getText());
        for (Line line : TABLE) {
            if (line.fits(code, reply.getStatus(), lower)) {
                return line.name();
            }
        }
        return OTHER;
    }

    /** All there are. */
    public static Set<String> all() {
        Set<String> all = new TreeSet<>();
        TABLE.forEach(line -> all.add(line.name()));
        all.add(OTHER);
        return all;
    }

    private static List<Line> read() {
        try (InputStream table = Objects.requireNonNull(ReplyClass.class.getResourceAsStream("/reply-classes.txt"))) {
            List<Line> lines = new ArrayList<>();
            for (String text : new String(table.readAllBytes(), UTF_8).split("\n", -1)) {
                if (!text.isBlank() && !text.startsWith("#")) {
                    lines.add(Line.of(text));
                }
            }
            return List.copyOf(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
