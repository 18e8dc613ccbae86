package org.postroad.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An SMTP dialog as text, to be played against a server.
 *
 * <p>Lines begin with {@code C: } for what the client sends and {@code S: } for what it must get; anything else is a remark.
 * Client lines in a row go as one flight. CRLF ends each line; a client line that ends with {@code \} goes without. {@code \r
 * \n \t \\} and {@code \xHH} stand for octets. In a server line {@code *} stands for any characters. {@code S: [closed]} is the
 * end of the connection.
 */
public final class Transcript {
    private static final String CLOSED = "[closed]";

    private final List<Turn> turns;

    /** A flight of the client, and the lines that must come back. */
    public record Turn(byte[] sent, List<String> expected) {}

    /** The way to a server: a socket, or an {@code EmbeddedChannel}. */
    public interface Exchange {
        /** Sends a flight (it may be empty) and gives what came back: that many lines, or fewer if no more came. */
        List<String> exchange(byte[] flight, int lineCount) throws IOException;

        /** Whether the server has ended the connection. */
        boolean closed() throws IOException;
    }

    private Transcript(List<Turn> turns) {
        this.turns = List.copyOf(turns);
    }

    public static Transcript of(String text) {
        List<Turn> turns = new ArrayList<>();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        List<String> expected = new ArrayList<>();
        for (String line : text.split("\n")) {
            String said = line.stripLeading();
            if (said.startsWith("C:")) {
                if (!expected.isEmpty()) {
                    turns.add(new Turn(sent.toByteArray(), List.copyOf(expected)));
                    sent.reset();
                    expected.clear();
                }
                sent.writeBytes(octets(said(said)));
            } else if (said.startsWith("S:")) {
                expected.add(said(said));
            }
        }
        turns.add(new Turn(sent.toByteArray(), List.copyOf(expected)));
        return new Transcript(turns);
    }

    public List<Turn> turns() {
        return turns;
    }

    /**
     * Plays the dialog to its end.
     *
     * @throws AssertionError at the first line that differs, with what was expected and what came
     */
    public void play(Exchange server) throws IOException {
        for (Turn turn : turns) {
            List<String> lines = turn.expected().stream()
                    .filter(line -> !line.equals(CLOSED))
                    .toList();
            List<String> came = server.exchange(turn.sent(), lines.size());
            if (!agree(lines, came)) {
                throw new AssertionError("after: " + new String(turn.sent(), StandardCharsets.UTF_8) + "expected: "
                        + lines + "\nbut came: " + came);
            }
            if (turn.expected().contains(CLOSED) && !server.closed()) {
                throw new AssertionError("the server did not close the connection after: " + came);
            }
        }
    }

    private static boolean agree(List<String> expected, List<String> came) {
        if (expected.size() != came.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            if (!Glob.matches(expected.get(i), came.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String said(String line) {
        String after = line.substring(2);
        return after.startsWith(" ") ? after.substring(1) : after;
    }

    private static byte[] octets(String said) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        boolean goesOn = said.endsWith("\\") && !said.endsWith("\\\\");
        int end = goesOn ? said.length() - 1 : said.length();
        for (int i = 0; i < end; i++) {
            char c = said.charAt(i);
            if (c != '\\') {
                int codePoint = said.codePointAt(i);
                octets.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(codePoint) - 1;
                continue;
            }
            char escape = said.charAt(++i);
            switch (escape) {
                case 'r' -> octets.write('\r');
                case 'n' -> octets.write('\n');
                case 't' -> octets.write('\t');
                case '\\' -> octets.write('\\');
                case 'x' -> {
                    octets.write(Integer.parseInt(said, i + 1, i + 3, 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("unknown escape \\" + escape + " in: " + said);
            }
        }
        if (!goesOn) {
            octets.write('\r');
            octets.write('\n');
        }
        return octets.toByteArray();
    }
}
