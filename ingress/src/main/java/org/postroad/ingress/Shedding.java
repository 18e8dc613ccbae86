package org.postroad.ingress;

import io.netty.channel.EventLoop;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * When much memory is held, sessions that stand still with a message begun go, the longest silent first, until a third of it is
 * free: thousands of clients that send a little and fall silent would else keep everybody out for minutes. Confined to its loop.
 *
 * <p>It runs by itself for as long as memory is short, not when a client is refused: those that fill it and fall silent need not be
 * refused anything, and a session must not end in the midst of its own command.
 */
final class Shedding {
    private static final long LOOK_AGAIN_MILLIS = 100;

    /** What an honest client may need between two segments. */
    private static final long SILENT_NANOS = 5_000_000_000L;

    /** Where hardly anything is left, nobody is waited for that long. */
    private static final long SILENT_IN_NEED_NANOS = 1_000_000_000L;

    private final Sessions<SessionHandler> sessions;
    private final OctetBudget budget;
    private final EventLoop loop;
    private boolean looksAgain;

    Shedding(Sessions<SessionHandler> sessions, OctetBudget budget, EventLoop loop) {
        this.sessions = sessions;
        this.budget = budget;
        this.loop = loop;
    }

    /** Makes room soon, and goes on until there is some. */
    void relieve() {
        if (!looksAgain) {
            looksAgain = true;
            var unused = loop.schedule(this::look, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        looksAgain = false;
        long now = loop.ticker().nanoTime();
        long silence = budget.isNearlyExhausted() ? SILENT_IN_NEED_NANOS : SILENT_NANOS;
        List<SessionHandler> slow = sessions.open().stream()
                .filter(session -> session.isSlowWithAMessage(now, silence))
                .sorted(Comparator.comparingLong((SessionHandler session) -> session.silentNanos(now))
                        .reversed())
                .toList();
        for (SessionHandler session : slow) {
            if (!budget.isPressed()) {
                return;
            }
            session.shed();
        }
        if (budget.isPressed()) {
            relieve();
        }
    }
}
