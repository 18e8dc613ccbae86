package org.postroad.ingress;

import org.postroad.ingress.IngressConfig.Trace;

/** The trace line that goes before a message's content: RFC 5321 section 4.4. */
final class ReceivedLine {
    private static final int GREETING_CHARACTERS = 255;

    private ReceivedLine() {}

    /** The line, with a FOR clause only for a single recipient: several must not learn of each other (section 7.2). */
    static String of(Transaction transaction, String hostname, String queueId, String date) {
        Origin origin = transaction.origin();
        StringBuilder line = new StringBuilder(256).append("Received:");
        if (origin.client().listener().handling().trace() == Trace.FULL) {
            client(line, origin);
        } else {
            line.append(' ');
        }
        line.append("by ")
                .append(hostname)
                .append(" with ")
                .append(origin.protocol(transaction.smtpUtf8()))
                .append(" id ")
                .append(queueId);
        String onlyRecipient = transaction.onlyRecipient();
        if (onlyRecipient != null) {
            line.append("\r\n\tfor <").append(onlyRecipient).append('>');
        }
        return line.append("; ").append(date).append("\r\n").toString();
    }

    private static void client(StringBuilder line, Origin origin) {
        line.append(" from ")
                .append(harmless(origin.greeting()))
                .append(" (")
                .append(origin.client().addressLiteral())
                .append(')');
        TlsFacts tls = origin.client().tls();
        if (tls != null) {
            line.append("\r\n\t(using ")
                    .append(tls.protocol())
                    .append(" with cipher ")
                    .append(tls.cipher())
                    .append(')');
        }
        line.append("\r\n\t");
    }

    /** What a client calls itself may be anything: keep what a domain or address literal is made of. */
    static String harmless(String greeting) {
        int length = Math.min(greeting.length(), GREETING_CHARACTERS);
        for (int i = 0; i < length; i++) {
            if (!isDomainText(greeting.charAt(i))) {
                return replaced(greeting.substring(0, length));
            }
        }
        return greeting.substring(0, length);
    }

    private static String replaced(String greeting) {
        StringBuilder text = new StringBuilder(greeting.length());
        greeting.chars().forEach(c -> text.append(isDomainText((char) c) ? (char) c : '?'));
        return text.toString();
    }

    private static boolean isDomainText(char c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || "-._:[]".indexOf(c) >= 0;
    }
}
