package org.postroad.bench;

import java.nio.charset.StandardCharsets;

/**
 * Who each mail of a load is for: {@code one:DOMAIN}, {@code number:DOMAIN} (the mail's number is the local-part),
 * {@code fan:N} (one recipient in each of N domains) or {@code half:N} (every second mail to d1.test, the others to the
 * N - 1 other domains in turn).
 */
record Recipients(String kind, String of) {
    static Recipients parse(String text) {
        int colon = text.indexOf(':');
        return new Recipients(text.substring(0, colon), text.substring(colon + 1));
    }

    static Recipients one(String domain) {
        return new Recipients("one", domain);
    }

    static String domain(int number) {
        return "d" + number + ".test";
    }

    /** How many recipients a mail has. */
    int perMail() {
        return kind.equals("fan") ? Integer.parseInt(of) : 1;
    }

    /** The commands MAIL, RCPT for each recipient, and DATA. */
    byte[][] commands(long mail) {
        byte[][] commands = new byte[perMail() + 2][];
        commands[0] = line("MAIL FROM:<sender@source.test>");
        for (int i = 0; i < perMail(); i++) {
            commands[i + 1] = line("RCPT TO:<" + recipient(mail, i) + ">");
        }
        commands[commands.length - 1] = line("DATA");
        return commands;
    }

    private String recipient(long mail, int index) {
        return switch (kind) {
            case "one" -> "recipient@" + of;
            case "number" -> mail + "@" + of;
            case "fan" -> "recipient@" + domain(index + 1);
            case "half" -> "recipient@" + domain(mail % 2 == 0 ? 1 : 2 + (int) (mail / 2 % (Integer.parseInt(of) - 1)));
            default -> throw new IllegalArgumentException("no such recipients: " + this);
        };
    }

    private static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return kind + ":" + of;
    }
}
