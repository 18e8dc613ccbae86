package org.postroad.ingress;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/** Every reply an ingress gives, with its codes (RFC 5321, RFC 3463), in one place. */
final class Replies {
    static final Reply SENDER_OK = Reply.parse("250 2.1.0 Sender OK");
    static final Reply RECIPIENT_OK = Reply.parse("250 2.1.5 Recipient OK");
    static final Reply START_TLS = Reply.parse("220 2.0.0 Ready to start TLS");
    static final Reply RESET = Reply.parse("250 2.0.0 Reset");
    static final Reply NOTHING_DONE = Reply.parse("250 2.0.0 OK");
    static final Reply START_CONTENT = Reply.parse("354 End data with <CR><LF>.<CR><LF>");
    static final Reply NOT_VERIFIED = Reply.parse("252 2.5.2 Cannot verify, but will take mail for it");
    static final Reply HELP = Reply.parse("214 2.0.0 See RFC 5321");
    static final Reply BYE = Reply.parse("221 2.0.0 Bye");

    static final Reply CLOSING = Reply.parse("421 4.3.2 Closing, come back later");
    static final Reply CROWDED = Reply.parse("421 4.3.2 Too many sessions, come back later");
    static final Reply LISTENER_CROWDED = Reply.parse("421 4.3.2 Too many sessions here, come back later");
    static final Reply USER_CROWDED = Reply.parse("421 4.7.0 Too many sessions of this user, come back later");
    static final Reply TOO_MANY_MESSAGES = Reply.parse("421 4.7.0 Too many messages in this session, connect again");
    static final Reply NETWORK_CROWDED = Reply.parse("421 4.7.0 Too many sessions from your network, come back later");
    static final Reply TOO_SLOW = Reply.parse("421 4.3.1 No room for slow sessions now, come back later");
    static final Reply IDLE = Reply.parse("421 4.4.2 Nothing heard for too long");
    static final Reply TOO_MANY_ERRORS = Reply.parse("421 4.7.0 Too many errors");
    static final Reply NOT_HTTP = Reply.parse("421 4.7.0 This is not a web server");
    static final Reply NOT_KEPT = Reply.parse("451 4.3.0 Cannot keep the message now, try again later");
    static final Reply NO_ROOM = Reply.parse("452 4.3.1 No room for the message now, try again later");
    static final Reply DISK_FULL = Reply.parse("452 4.3.1 Insufficient storage, try again later");
    static final Reply TOO_MANY_RECIPIENTS = Reply.parse("452 4.5.3 Too many recipients");

    static final Reply UNKNOWN = Reply.parse("500 5.5.2 Command not recognized");
    static final Reply LINE_TOO_LONG = Reply.parse("500 5.5.2 Line too long");
    static final Reply BAD_OCTETS = Reply.parse("500 5.5.2 Octets that no command may have");
    static final Reply BAD_ARGUMENTS = Reply.parse("501 5.5.4 Syntax error in arguments");
    static final Reply NO_ARGUMENTS = Reply.parse("501 5.5.4 No arguments allowed");
    static final Reply HELD_TOO_LONG = Reply.parse("501 5.5.4 Held for longer than is offered");
    static final Reply DUPLICATE_PARAMETER = Reply.parse("501 5.5.4 Parameter given twice");
    static final Reply BAD_REVERSE_PATH = Reply.parse("501 5.1.7 Bad sender address syntax");
    static final Reply BAD_RECIPIENT = Reply.parse("501 5.1.3 Bad recipient address syntax");
    static final Reply SAY_HELLO = Reply.parse("503 5.5.1 Send EHLO first");
    static final Reply LOGGED_IN = Reply.parse("235 2.7.0 Authentication successful");
    static final Reply LOGIN_BUSY = Reply.parse("454 4.7.0 Cannot check passwords now, try again later");
    static final Reply LOGIN_BARRED = Reply.parse("421 4.7.0 Too many failed logins, come back later");
    static final Reply LOGIN_LINE_TOO_LONG = Reply.parse("500 5.5.6 Line too long");
    static final Reply LOGIN_MALFORMED = Reply.parse("501 5.5.2 Not understood");
    static final Reply LOGIN_CANCELLED = Reply.parse("501 5.7.0 Authentication cancelled");
    static final Reply NO_LOGIN_HERE = Reply.parse("502 5.5.1 AUTH is not offered here");
    static final Reply LOGGED_IN_ALREADY = Reply.parse("503 5.5.1 Authenticated already");
    static final Reply UNKNOWN_MECHANISM = Reply.parse("504 5.5.4 Mechanism not offered");
    static final Reply ENCRYPTION_NEEDED = Reply.parse("523 5.7.10 REQUIRETLS needs TLS");
    static final Reply LOGIN_NEEDED = Reply.parse("530 5.7.0 Authentication required");
    static final Reply LOGIN_WRONG = Reply.parse("535 5.7.8 Authentication credentials invalid");
    static final Reply TLS_NEEDED = Reply.parse("538 5.7.11 Encryption required for authentication");
    static final Reply CHUNK_TAKEN = Reply.parse("250 2.0.0 Chunk received");
    static final Reply BAD_BDAT =
            Reply.parse("501 5.5.4 The size cannot be read, so nobody knows where commands go on");
    static final Reply DATA_AFTER_BDAT = Reply.parse("503 5.5.1 BDAT has begun the content");
    static final Reply NO_TLS_HERE = Reply.parse("502 5.5.1 STARTTLS is not offered here");
    static final Reply TLS_ALREADY = Reply.parse("503 5.5.1 TLS is on already");
    static final Reply NESTED_MAIL = Reply.parse("503 5.5.1 Transaction already begun");
    static final Reply NO_MAIL = Reply.parse("503 5.5.1 Send MAIL first");
    static final Reply NO_RECIPIENT = Reply.parse("503 5.5.1 No valid recipient");
    static final Reply SENDER_NOT_YOURS = Reply.parse("550 5.7.1 This user may not send as that address");
    static final Reply RELAYING_DENIED = Reply.parse("550 5.7.1 Relaying denied");
    static final Reply BARE_LINE_END = Reply.parse("550 5.6.0 Bare CR or LF in the content");
    static final Reply TOO_LARGE = Reply.parse("552 5.3.4 Message too large");
    static final Reply NEEDS_SMTPUTF8 = Reply.parse("553 5.6.7 Address needs SMTPUTF8");
    static final Reply LOOP = Reply.parse("554 5.4.6 Too many hops");
    static final Reply UNKNOWN_PARAMETER = Reply.parse("555 5.5.4 Parameter not recognized");

    private Replies() {}

    static Reply banner(String hostname) {
        return new Reply(220, null, List.of(hostname + " ESMTP Postroad"));
    }

    static Reply hello(String hostname) {
        return new Reply(250, null, List.of(hostname));
    }

    /** The client is asked something in the course of AUTH. */
    static Reply challenge(byte[] octets) {
        return new Reply(334, null, List.of(Base64.getEncoder().encodeToString(octets)));
    }

    /** What we offer a client: RFC 2920, 1870, 6152, 6531, 3030, 9422, 3461, 4865, 8689, 3207, 4954, 2034. */
    static Reply extensions(IngressConfig config, Admission client, List<String> mechanisms, long nowMillis) {
        List<String> lines = new ArrayList<>(List.of(
                config.hostname(),
                "PIPELINING",
                "SIZE " + config.maxMessageSize(client.listener()),
                "8BITMIME",
                "SMTPUTF8",
                "CHUNKING",
                limits(client.listener().limits())));
        if (client.mayAskForReports() || client.isNobodyBeforeLogin()) {
            lines.add("DSN");
        }
        if (client.user() != null || client.isNobodyBeforeLogin()) {
            lines.add(ReleaseTime.offer(nowMillis));
        }
        if (client.tls() != null) {
            lines.add("REQUIRETLS");
        }
        if (client.mayStartTls()) {
            lines.add("STARTTLS");
        }
        if (client.mayLogIn() && !mechanisms.isEmpty()) {
            lines.add("AUTH " + String.join(" ", mechanisms));
        }
        lines.add("ENHANCEDSTATUSCODES");
        lines.add("HELP");
        return new Reply(250, null, lines);
    }

    /** RFC 9422 section 4. */
    private static String limits(ListenerLimits limits) {
        String mails =
                limits.messagesPerSession() == ListenerLimits.NONE ? "" : " MAILMAX=" + limits.messagesPerSession();
        return "LIMITS RCPTMAX=" + limits.recipients() + mails;
    }

    /** What a new session hears for which there is no room; null where there is. */
    static @Nullable Reply of(SessionCounts.Entry entry) {
        return switch (entry) {
            case ENTERED -> null;
            case NODE_FULL -> CROWDED;
            case LISTENER_FULL -> LISTENER_CROWDED;
            case NETWORK_FULL -> NETWORK_CROWDED;
        };
    }

    static Reply queued(String queueId) {
        return Reply.parse("250 2.0.0 queued as " + queueId);
    }
}
