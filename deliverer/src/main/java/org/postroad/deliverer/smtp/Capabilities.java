package org.postroad.deliverer.smtp;

import java.util.List;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Reply;

/**
 * What an exchanger offered in its last reply to EHLO; no parameter is sent that was not offered.
 *
 * @param maxOctets the largest message it takes, 0 when it did not say (RFC 1870 section 4)
 */
public record Capabilities(
        boolean pipelining,
        boolean startTls,
        boolean eightBitMime,
        boolean smtpUtf8,
        boolean dsn,
        boolean requireTls,
        boolean size,
        long maxOctets) {
    /** Of an exchanger that knows HELO only. */
    public static final Capabilities NONE = new Capabilities(false, false, false, false, false, false, false, 0);

    /** Reads the lines after the greeting; unknown and malformed ones offer nothing. */
    public static Capabilities of(Reply ehlo) {
        Capabilities offered = NONE;
        List<String> lines = ehlo.lines();
        for (int i = 1; i < lines.size(); i++) {
            offered = offered.with(lines.get(i).strip());
        }
        return offered;
    }

    /** A maximum that is no number, or does not fit a long, is none. */
    private static long number(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Long.parseLong(text) : 0;
    }

    private Capabilities with(String line) {
        int space = line.indexOf(' ');
        String keyword = Ascii.upper(space < 0 ? line : line.substring(0, space));
        return switch (keyword) {
            case "PIPELINING" ->
                new Capabilities(true, startTls, eightBitMime, smtpUtf8, dsn, requireTls, size, maxOctets);
            case "STARTTLS" ->
                new Capabilities(pipelining, true, eightBitMime, smtpUtf8, dsn, requireTls, size, maxOctets);
            case "8BITMIME" -> new Capabilities(pipelining, startTls, true, smtpUtf8, dsn, requireTls, size, maxOctets);
            case "SMTPUTF8" ->
                new Capabilities(pipelining, startTls, eightBitMime, true, dsn, requireTls, size, maxOctets);
            case "DSN" ->
                new Capabilities(pipelining, startTls, eightBitMime, smtpUtf8, true, requireTls, size, maxOctets);
            case "REQUIRETLS" ->
                new Capabilities(pipelining, startTls, eightBitMime, smtpUtf8, dsn, true, size, maxOctets);
            case "SIZE" -> {
                long octets = space < 0 ? 0 : number(line.substring(space + 1).strip());
                yield new Capabilities(pipelining, startTls, eightBitMime, smtpUtf8, dsn, requireTls, true, octets);
            }
            default -> this;
        };
    }
}
