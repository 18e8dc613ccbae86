package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.FailedLogins;
import org.postroad.ingress.auth.Mechanism;

/**
 * Logins on one event loop, to which it is confined: what is wrong is told late, and who is wrong too often is not heard any more, of one
 * network for one user, and of one network for all of them. What was right before is heard all the same: a guesser in their network does
 * not keep out those who know their password.
 */
final class Logins {
    private static final int MOST_OF_A_USER = 10;
    private static final int MOST_OF_A_NETWORK = 100;
    private static final long LATE_MILLIS = 1_000;

    private final @Nullable Credentials credentials;
    private final EventExecutor loop;
    private final FailedLogins byUser = new FailedLogins(MOST_OF_A_USER);
    private final FailedLogins byNetwork = new FailedLogins(MOST_OF_A_NETWORK);

    /** Of whom and from where. */
    private record Guess(Object network, String user) {}

    /** @param credentials null where nobody can log in */
    Logins(@Nullable Credentials credentials, EventExecutor loop) {
        this.credentials = credentials;
        this.loop = loop;
    }

    /** Names of the mechanisms, the best first; none where nobody can log in. */
    List<String> mechanisms() {
        return credentials == null ? List.of() : credentials.mechanisms();
    }

    @Nullable
    Mechanism mechanism(String name) {
        return credentials == null ? null : credentials.mechanism(name);
    }

    /** @param then hears on this loop, exactly once and never before this returns */
    void check(Admission client, Mechanism.Step.Check wanted, Consumer<Credentials.Verdict> then) {
        Credentials all = credentials;
        if (all == null || isBarred(client, wanted.user()) && !all.isKnown(wanted)) {
            loop.execute(() -> then.accept(Credentials.Verdict.BARRED));
            return;
        }
        all.check(wanted, loop, verdict -> {
            if (verdict == Credentials.Verdict.WRONG) {
                failed(client, wanted.user(), () -> then.accept(verdict));
            } else {
                then.accept(verdict);
            }
        });
    }

    /** Counts it, and goes on a while later. */
    void failed(Admission client, String user, Runnable then) {
        long now = loop.ticker().nanoTime();
        byUser.failed(new Guess(client.network(), user), now);
        byNetwork.failed(client.network(), now);
        var unused = loop.schedule(then, LATE_MILLIS, TimeUnit.MILLISECONDS);
    }

    boolean isBarred(Admission client, String user) {
        long now = loop.ticker().nanoTime();
        return byUser.isTooMany(new Guess(client.network(), user), now) || byNetwork.isTooMany(client.network(), now);
    }
}
