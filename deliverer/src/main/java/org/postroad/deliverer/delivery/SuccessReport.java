package org.postroad.deliverer.delivery;

import java.util.List;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;

/** A report that mail was delivered to where nobody sends one (RFC 3461 section 5.2.2). */
public final class SuccessReport {
    private SuccessReport() {}

    /** Whether the sender wants one of this recipient. */
    public static boolean isDue(Recipient recipient, Outcome outcome) {
        List<Notify> wanted = recipient.getNotify();
        return !wanted.isEmpty()
                && outcome instanceof Outcome.Delivered delivered
                && !delivered.reported()
                && wanted.contains(Notify.SUCCESS)
                && !wanted.contains(Notify.NEVER);
    }
}
