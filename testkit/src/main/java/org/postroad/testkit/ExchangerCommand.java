package org.postroad.testkit;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One command line as an exchanger reads it: leniently, because what clients send is for their tests to judge.
 *
 * @param path what stands between the angle brackets, if any do
 * @param parameters what follows the path
 */
record ExchangerCommand(String verb, String path, String parameters) {
    /** Reads a line without its end. */
    static ExchangerCommand parse(ByteBuf line, int from, int to) {
        String text = line.toString(from, to - from, StandardCharsets.UTF_8);
        int verbEnd = text.indexOf(' ');
        String verb = (verbEnd < 0 ? text : text.substring(0, verbEnd)).strip().toUpperCase(Locale.ROOT);
        int open = text.indexOf('<');
        int close = open < 0 ? -1 : closing(text, open);
        if (close < 0) {
            return new ExchangerCommand(
                    verb, "", verbEnd < 0 ? "" : text.substring(verbEnd + 1).strip());
        }
        return new ExchangerCommand(
                verb, text.substring(open + 1, close), text.substring(close + 1).strip());
    }

    /** The bracket that ends the path: one inside a quoted local-part does not. */
    private static int closing(String text, int open) {
        boolean quoted = false;
        for (int i = open + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                return i;
            }
        }
        return -1;
    }
}
