package org.postroad.schemas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One SMTP reply: its code, its enhanced status if it has one, and its lines without either.
 *
 * <p>Only the code decides (RFC 5321 section 4.2); a status whose class differs from the code's first digit is dropped.
 */
public record Reply(int code, @Nullable EnhancedStatus status, List<String> lines) {
    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("reply code " + code);
        }
        if (status != null && status.category() != code / 100) {
            status = null;
        }
        lines = List.copyOf(lines);
    }

    public static Reply of(int code, EnhancedStatus status, String text) {
        return new Reply(code, status, List.of(text));
    }

    /** Reads {@code "451 4.3.0 Try again"}; the status is optional. */
    public static Reply parse(String line) {
        int code = Integer.parseInt(line.substring(0, 3));
        String rest = line.length() > 4 ? line.substring(4) : "";
        EnhancedStatus status = EnhancedStatus.startOf(rest);
        String text = status == null
                ? rest
                : rest.substring(Math.min(rest.length(), status.toString().length() + 1));
        return new Reply(code, status, List.of(text));
    }

    public boolean isPositive() {
        return code < 400;
    }

    public boolean isTransient() {
        return code >= 400 && code < 500;
    }

    public boolean isPermanent() {
        return code >= 500;
    }

    /** The status, or x.0.0 of the code's class when the exchanger gave none; RFC 3464 section 2.3.4. */
    public EnhancedStatus statusOrUndefined() {
        return status != null ? status : EnhancedStatus.of(code < 400 ? 2 : code / 100, 0, 0);
    }

    /** The lines joined by " / ". */
    public String text() {
        return String.join(" / ", lines);
    }

    @Override
    public String toString() {
        return code + " " + (status == null ? "" : status + " ") + text();
    }
}
