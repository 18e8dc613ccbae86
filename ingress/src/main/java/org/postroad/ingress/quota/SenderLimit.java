package org.postroad.ingress.quota;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Reply;

/**
 * One limit of one sender.
 *
 * @param name of the user, the tenant, the client or the network
 */
record SenderLimit(Subject subject, Counted counted, String name, Amount amount) {
    private static final EnhancedStatus POLICY = EnhancedStatus.of(4, 7, 1);

    /** What its count is kept under, everywhere the same. */
    String key() {
        return subject.word + " " + counted.word + "/" + amount.per().sign + " " + name;
    }

    /** Said when a rate is exceeded. */
    Reply tooFast() {
        return Reply.of(counted.code, POLICY, words() + ", wait a moment");
    }

    /** @param endsAt when it may go on, in milliseconds since 1970 */
    Reply exhausted(long endsAt) {
        Instant end = Instant.ofEpochMilli(endsAt).truncatedTo(ChronoUnit.SECONDS);
        return Reply.of(counted.code, POLICY, words() + ", and more after " + end);
    }

    /** A message that has more recipients than any time gives. */
    Reply tooManyAtOnce() {
        return Reply.of(counted.code, POLICY, words());
    }

    private String words() {
        return "This " + subject.word + " may send "
                + (counted == Counted.RECIPIENTS ? "to " : "") + amount.count() + " " + counted.words + " "
                + amount.per().words;
    }
}
