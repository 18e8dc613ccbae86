package org.postroad.ingress;

import io.netty.util.concurrent.Ticker;
import java.util.Comparator;
import java.util.List;

/**
 * When the octets of a loop are used up, sessions that stand still with a message begun go, the longest silent first, until a third is
 * free: thousands of clients that send a little and fall silent would else keep everybody out for minutes. Confined to its loop.
 */
final class Shedding {
    private static final long LOOK_AGAIN_NANOS = 100_000_000L;

    private final Sessions<CommandDecoder> sessions;
    private final OctetBudget budget;
    private final Ticker ticker;
    private long lookedAt;

    Shedding(Sessions<CommandDecoder> sessions, OctetBudget budget, Ticker ticker) {
        this.sessions = sessions;
        this.budget = budget;
        this.ticker = ticker;
        this.lookedAt = ticker.nanoTime() - LOOK_AGAIN_NANOS;
    }

    void relieve() {
        long now = ticker.nanoTime();
        if (now - lookedAt < LOOK_AGAIN_NANOS) {
            return;
        }
        lookedAt = now;
        List<CommandDecoder> slow = sessions.open().stream()
                .filter(session -> session.isSlowWithAMessage(now))
                .sorted(Comparator.comparingLong((CommandDecoder session) -> session.silentNanos(now))
                        .reversed())
                .toList();
        for (CommandDecoder session : slow) {
            if (!budget.isExhausted(budget.limit())) {
                return;
            }
            session.shed();
        }
    }
}
