package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.regex.Pattern;
import org.postroad.schemas.Ascii;

/**
 * Whether a line is of an HTTP request: browsers and proxies can be made to send one to a mail server, with SMTP commands in its body.
 * Whatever its method is, it ends in a version (RFC 9112 section 3), and a request of HTTP/1.1 has a Host field.
 */
final class HttpRequest {
    private static final Pattern LINE = Pattern.compile(
            "[ \\t]*Host[ \\t]*:.*|.*HTTP/\\d+(\\.\\d+)?\\s*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern LONE_LINE_ENDS = Pattern.compile("[\\r\\n]+");

    private HttpRequest() {}

    /** Looks at {@code line[0, length)}, a line without its CRLF. */
    static boolean isIn(byte[] line, int length) {
        if (length < 5) {
            return false;
        }
        char first = Ascii.lower((char) line[0]);
        boolean mayBeHost = first == 'h' || first == ' ' || first == '\t';
        return (mayBeHost || mayEndInVersion(line, length))
                && LINE.matcher(new String(line, 0, length, ISO_8859_1)).matches();
    }

    /** A slash before the digits at its end; an ordinary command, which often ends in a size, costs no more than this. */
    private static boolean mayEndInVersion(byte[] line, int length) {
        int i = length - 1;
        while (i >= 0 && (line[i] >= '0' && line[i] <= '9' || line[i] == '.' || line[i] >= 0 && line[i] <= ' ')) {
            i--;
        }
        return i >= 0 && line[i] == '/';
    }

    /** Looks between lone CRs and LFs too, which some that speak HTTP take for line ends. */
    static boolean isInAnyPart(byte[] line, int length) {
        return LONE_LINE_ENDS
                .splitAsStream(new String(line, 0, length, ISO_8859_1))
                .anyMatch(part -> LINE.matcher(part).matches());
    }
}
