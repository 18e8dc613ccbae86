package org.postroad.deliverer.send;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.postroad.deliverer.work.OpenDelivery;

/** The messages of a destination that have left its queues and have not ended; confined to its loop. */
final class ActiveAttempts {
    private final Set<Attempt> active = new LinkedHashSet<>();

    boolean isEmpty() {
        return active.isEmpty();
    }

    void add(Attempt attempt) {
        active.add(attempt);
    }

    void remove(Attempt attempt) {
        active.remove(attempt);
    }

    /** Those whose partition leaves this node; each may end at once. */
    List<Attempt> of(Predicate<OpenDelivery> leaves) {
        return active.stream().filter(attempt -> leaves.test(attempt.open())).toList();
    }
}
