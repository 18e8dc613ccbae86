package org.postroad.deliverer.delivery;

/** Where event loops hand finished deliveries back to the poller; safe for every thread, never blocks. */
@FunctionalInterface
public interface Completions {
    void complete(Completion completion);
}
