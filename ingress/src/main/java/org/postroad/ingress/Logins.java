package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.Credentials.Verdict;
import org.postroad.ingress.auth.FailedLogins;
import org.postroad.ingress.auth.Mechanism;

/**
 * Logins on one event loop, to which it is confined: what is wrong is told late, and who is wrong too often is not heard any more, of one
 * host for one user, and of one network for all of them. A password that was right before is taken all the same: a guesser in their
 * network does not keep out those who know it.
 *
 * <p>Of one network few passwords are checked at a time, the others of it wait behind them: guesses hold up only neighbours.
 */
final class Logins {
    private static final int MOST_OF_A_USER = 10;
    private static final int MOST_OF_A_NETWORK = 100;
    private static final int CHECKED_AT_ONCE = 4;
    private static final int MOST_WAITING = 64;
    private static final long LATE_MILLIS = 1_000;

    private final @Nullable Credentials credentials;
    private final EventExecutor loop;
    private final FailedLogins byUser = new FailedLogins(MOST_OF_A_USER);
    private final FailedLogins byNetwork = new FailedLogins(MOST_OF_A_NETWORK);
    private final Map<ByteBuffer, Turns> turns = new HashMap<>();

    /**
     * Of whom and from where.
     *
     * @param user hashed, since a name may be as long as its sender likes
     */
    private record Guess(ByteBuffer host, int user) {}

    /** The checks of one network. */
    private static final class Turns {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int checked;
    }

    /** @param credentials null where nobody can log in */
    Logins(@Nullable Credentials credentials, EventExecutor loop) {
        this.credentials = credentials;
        this.loop = loop;
    }

    /** Names of the mechanisms, the best first; none where nobody can log in. */
    List<String> mechanisms(Admission client) {
        return credentials == null ? List.of() : credentials.mechanisms(client.certified());
    }

    @Nullable
    Mechanism mechanism(String name, Admission client) {
        return credentials == null ? null : credentials.mechanism(name, client.certified());
    }

    /** @param then hears on this loop, exactly once and never before this returns */
    void check(Admission client, Mechanism.Step.Check wanted, Consumer<Verdict> then) {
        Credentials all = credentials;
        if (all == null) {
            loop.execute(() -> then.accept(Verdict.BARRED));
        } else if (all.isKnown(wanted)) {
            loop.execute(() -> then.accept(Verdict.RIGHT));
        } else {
            Turns ofNetwork = turns.computeIfAbsent(client.network(), network -> new Turns());
            if (ofNetwork.checked < CHECKED_AT_ONCE) {
                ofNetwork.checked++;
                checkNow(all, client, wanted, then);
            } else if (ofNetwork.waiting.size() < MOST_WAITING) {
                ofNetwork.waiting.add(() -> checkNow(all, client, wanted, then));
            } else {
                loop.execute(() -> then.accept(Verdict.BUSY));
            }
        }
    }

    private void checkNow(Credentials all, Admission client, Mechanism.Step.Check wanted, Consumer<Verdict> then) {
        if (isBarred(client, wanted.user())) {
            loop.execute(() -> {
                turnOver(client);
                then.accept(Verdict.BARRED);
            });
            return;
        }
        all.check(wanted, loop, verdict -> {
            if (verdict == Verdict.WRONG) {
                failed(client, wanted.user(), () -> then.accept(verdict));
            }
            turnOver(client);
            if (verdict != Verdict.WRONG) {
                then.accept(verdict);
            }
        });
    }

    private void turnOver(Admission client) {
        Turns ofNetwork = turns.get(client.network());
        if (ofNetwork == null) {
            return;
        }
        Runnable next = ofNetwork.waiting.poll();
        if (next != null) {
            next.run();
        } else if (--ofNetwork.checked == 0) {
            turns.remove(client.network());
        }
    }

    /** Counts it, and goes on a while later. */
    void failed(Admission client, String user, Runnable then) {
        long now = loop.ticker().nanoTime();
        byUser.failed(new Guess(client.host(), user.hashCode()), now);
        byNetwork.failed(client.network(), now);
        var unused = loop.schedule(then, LATE_MILLIS, TimeUnit.MILLISECONDS);
    }

    boolean isBarred(Admission client, String user) {
        long now = loop.ticker().nanoTime();
        return byUser.isTooMany(new Guess(client.host(), user.hashCode()), now)
                || byNetwork.isTooMany(client.network(), now);
    }
}
