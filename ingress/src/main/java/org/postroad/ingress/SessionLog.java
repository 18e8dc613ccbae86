package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.ssl.NotSslRecordException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Octets;
import org.postroad.schemas.Reply;

/**
 * One session's part of the {@link ProtocolLog}: {@code >} before what the client says, {@code <} before what it hears, {@code =} before
 * what happens.
 *
 * <p>Never a secret: of AUTH the mechanism alone, and of what is no command its length, since a client that has lost step says its
 * password there. Never content. Confined to the session's event loop.
 */
final class SessionLog {
    private static final int LINE_OCTETS = 1024;

    /** What stands behind these is no secret. */
    private static final Set<String> SHOWN =
            Set.of("EHLO", "HELO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "VRFY", "HELP", "QUIT", "STARTTLS");

    /** Behind AUTH there is one of these, or perhaps a password. */
    private static final Set<String> MECHANISMS = Set.of(
            "PLAIN",
            "LOGIN",
            "SCRAM-SHA-256",
            "SCRAM-SHA-1",
            "CRAM-MD5",
            "DIGEST-MD5",
            "NTLM",
            "XOAUTH2",
            "OAUTHBEARER");

    private static final int CHALLENGE = 334;

    private final ProtocolLog log;
    private final String session;
    private final Supplier<Admission> client;

    /** @param session what tells it from others */
    SessionLog(ProtocolLog log, String session, Supplier<Admission> client) {
        this.log = log;
        this.session = session;
        this.client = client;
    }

    /** A command line came, which is {@code octets[0, length)}. */
    void heard(byte[] octets, int length) {
        if (isWanted()) {
            // Behind a bare CR or LF there may be another command, such as AUTH.
            int shown = Octets.lineEnd(octets, 0, length);
            String rest = shown == length ? "" : " (and " + (length - shown) + " octets behind a bare line end)";
            write('>', command(printable(octets, shown), length) + rest);
        }
    }

    /** A line of AUTH came. */
    void heardSecret(int length) {
        if (isWanted()) {
            write('>', "(a line of AUTH, " + length + " octets)");
        }
    }

    void said(Reply reply) {
        if (isWanted()) {
            if (reply.code() == CHALLENGE) {
                write('<', "334 (a challenge)");
                return;
            }
            List<String> lines = reply.lines();
            for (int i = 0; i < lines.size(); i++) {
                char separator = i == lines.size() - 1 ? ' ' : '-';
                String status = reply.status() == null ? "" : reply.status() + " ";
                write('<', "" + reply.code() + separator + status + lines.get(i));
            }
        }
    }

    /** Something happened that is no line. */
    void note(Supplier<String> words) {
        if (isWanted()) {
            write('=', words.get());
        }
    }

    /** Why there was no handshake; what is no TLS is quoted by its exception, and may be a password. */
    static String reason(Throwable cause) {
        return cause instanceof NotSslRecordException
                ? "what came is no TLS"
                : printable(String.valueOf(cause.getMessage()));
    }

    private boolean isWanted() {
        return log.wants(client.get());
    }

    private void write(char direction, String text) {
        Admission who = client.get();
        String user = who.user() == null ? "" : " " + printable(who.user());
        log.write(session + " " + who.listener().name() + " " + who.addressText() + user + " " + direction + " "
                + Caps.cut(text, LINE_OCTETS));
    }

    private static String command(String line, int length) {
        String[] words = line.split(" ", 3);
        String verb = Ascii.upper(words[0]);
        if (SHOWN.contains(verb)) {
            return line;
        }
        if (verb.equals("AUTH") && words.length > 1) {
            String name = MECHANISMS.contains(Ascii.upper(words[1])) ? words[1] : "(no mechanism known)";
            return "AUTH " + name + (words.length > 2 ? " (its initial response)" : "");
        }
        return "(no command, " + length + " octets)";
    }

    private static String printable(String text) {
        byte[] octets = text.getBytes(UTF_8);
        return printable(octets, octets.length);
    }

    /** Octets that are no printable ASCII as {@code \xNN}: a line of the log is one line. */
    private static String printable(byte[] octets, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            if (octets[i] >= ' ' && octets[i] < 0x7F) {
                text.append((char) octets[i]);
            } else {
                text.append(String.format("\\x%02X", octets[i]));
            }
        }
        return text.toString();
    }
}
