package org.postroad.deliverer.fate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.LastReply;

/**
 * Whether a reply asks us to come back because we were never there before (RFC 6647), by a table that is data: {@code greylisting.txt}.
 * Pure.
 */
final class Greylisting {
    /** So long mail waits that was greylisted first: the least that RFC 6647 section 5 recommends a receiver to ask for. */
    static final Duration FIRST_WAIT = Duration.ofMinutes(1);

    private static final Pattern ROW = Pattern.compile("([0-9]{3})\\s+(\\S+)\\s+(.*?)\\s*(#.*)?");
    private static final String ANY = "*";
    private static final List<Row> ROWS = read("greylisting.txt");

    /** @param words null for any */
    private record Row(int code, String status, @Nullable Pattern words) {
        boolean fits(LastReply reply) {
            return reply.getCode() == code
                    && (status.equals(ANY) || reply.getStatus().equals(status))
                    && (words == null || words.matcher(reply.getText()).find());
        }
    }

    private Greylisting() {}

    static boolean isSaidIn(@Nullable LastReply reply) {
        return reply != null && ROWS.stream().anyMatch(row -> row.fits(reply));
    }

    private static List<Row> read(String resource) {
        List<Row> rows = new ArrayList<>();
        for (String line : text(resource).split("\n", -1)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String words = row.group(3);
                rows.add(new Row(
                        Integer.parseInt(row.group(1)),
                        row.group(2),
                        words.equals(ANY) ? null : Pattern.compile(words, Pattern.CASE_INSENSITIVE)));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalStateException(resource + " has a line that is no row: " + line);
            }
        }
        return List.copyOf(rows);
    }

    private static String text(String resource) {
        try (InputStream in = Greylisting.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
