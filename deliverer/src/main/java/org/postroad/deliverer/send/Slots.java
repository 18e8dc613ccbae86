package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How many messages of one destination are under way, and whether one with large content may be the next. Confined to a loop.
 */
final class Slots {
    /** After so long large mail that found no room looks by itself. */
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    private final LoopParts parts;
    private final Runnable look;
    private int connections;
    private int busy;
    private int large;
    private long largeWaitsUntil;

    /** @param look what to do when there may be room for large mail */
    Slots(LoopParts parts, int connections, Runnable look) {
        this.parts = parts;
        this.connections = connections;
        this.largeWaitsUntil = parts.now();
        this.look = () -> {
            largeWaitsUntil = parts.now();
            look.run();
        };
    }

    void connections(int now) {
        connections = now;
    }

    /** Whether one more message may be under way. */
    boolean isAnyFree() {
        return busy < connections;
    }

    /** Whether a message waits there that may be started, as far as its content is concerned. */
    boolean hasNext(RouteQueue queue, long now) {
        return queue.backlog.peek(mayStartLarge(queue, now)) != null;
    }

    /** Whether it may be one with large content, of its exchangers' window. */
    boolean mayStartLarge(RouteQueue queue, long now) {
        int window = queue.window.size(now);
        if (!queue.backlog.hasLarge() || large >= LargeMail.share(window) || now - largeWaitsUntil < 0) {
            return false;
        }
        return parts.largeMail().hasRoom(now) || waits(now);
    }

    /** Whether it may go to this address, which it counts for from now on if its content is large. */
    boolean mayGoTo(InetSocketAddress address, Attempt attempt, long now) {
        return !attempt.large || parts.largeMail().enter(attempt, address, connections, now) || waits(now);
    }

    private boolean waits(long now) {
        largeWaitsUntil = now + LOOK_AGAIN_NANOS;
        parts.largeMail().await(look);
        return false;
    }

    void hold(Attempt attempt) {
        busy++;
        large += attempt.large ? 1 : 0;
        attempt.queue().started();
        attempt.holdsSlot = true;
    }

    void release(Attempt attempt) {
        if (attempt.holdsSlot) {
            attempt.holdsSlot = false;
            busy--;
            large -= attempt.large ? 1 : 0;
            attempt.queue().ended();
        }
        if (attempt.large) {
            parts.largeMail().left(attempt, parts.loop(), parts.now());
        }
    }
}
