package org.postroad.deliverer.smtp;

import java.util.List;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Reply;

/** Whether a refusal says that a command came out of sequence: it then speaks of the connection, not of mail. Pure. */
final class OutOfSequence {
    /** Of exchangers that say it with another code than RFC 5321 section 4.2.2 asks for. */
    private static final List<String> WORDS = List.of(
            "nested mail",
            "bad sequence",
            "out of sequence",
            "wrong sequence",
            "sender already",
            "already specified",
            "transaction already",
            "transaction in progress",
            "duplicate mail from",
            "need mail",
            "need rcpt",
            "need helo",
            "need ehlo",
            "no mail from",
            "mail first");

    private OutOfSequence() {}

    static boolean isSaidBy(Reply reply) {
        if (reply.isPositive()) {
            return false;
        }
        EnhancedStatus status = reply.status();
        boolean invalidCommand = status != null && status.subject() == 5 && status.detail() == 1;
        if (reply.code() == 503 || invalidCommand) {
            return true;
        }
        String text = Ascii.lower(reply.text());
        return WORDS.stream().anyMatch(text::contains);
    }
}
