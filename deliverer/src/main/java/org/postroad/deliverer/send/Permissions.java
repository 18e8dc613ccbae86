package org.postroad.deliverer.send;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.postroad.deliverer.delivery.Lease;

/** What the {@link Lease} permits now, and which destinations of a loop wait for it; confined to the loop. */
final class Permissions {
    private final Lease lease;
    private final Runnable soon;
    private final Set<WaitingDestination> waiting = new LinkedHashSet<>();

    /** @param soon asks for a look at who waits, in a few tens of milliseconds */
    Permissions(Lease lease, Runnable soon) {
        this.lease = lease;
        this.soon = soon;
    }

    /** Whether mail may be started; else it looks again soon. */
    boolean toStart(WaitingDestination who, long now) {
        return orWaits(who, lease.isHeld(now));
    }

    /** Takes the permission for one dot; else it looks again soon. */
    boolean toSendDot(WaitingDestination who, long now) {
        return orWaits(who, lease.permitsDot(now));
    }

    private boolean orWaits(WaitingDestination who, boolean permitted) {
        if (!permitted) {
            waiting.add(who);
            soon.run();
        }
        return permitted;
    }

    boolean isAnyoneWaiting() {
        return !waiting.isEmpty();
    }

    /** Those that wait, who have to ask again. */
    List<WaitingDestination> takeWaiting() {
        List<WaitingDestination> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
