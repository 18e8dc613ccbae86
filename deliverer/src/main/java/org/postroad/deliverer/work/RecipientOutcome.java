package org.postroad.deliverer.work;

import java.util.List;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;

/** One recipient with its fate. */
public record RecipientOutcome(Recipient recipient, Outcome outcome) {

    /** Whether the sender wants to hear of this success, and nobody behind us will tell (RFC 3461 section 5.2.2). */
    public static boolean isToBeReported(Recipient recipient, Outcome outcome) {
        List<Notify> wanted = recipient.getNotify();
        return !wanted.isEmpty()
                && outcome instanceof Outcome.Delivered delivered
                && !delivered.reported()
                && wanted.contains(Notify.SUCCESS)
                && !wanted.contains(Notify.NEVER);
    }
}
