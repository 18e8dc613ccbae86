package org.postroad.ingress.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks passwords against their bcrypt hashes, which is meant to be slow: on threads of its own, so many at a time. What was right is
 * remembered by a keyed digest of hash and password, so that applications which log in for every message wait for nobody's guesses.
 *
 * <p>Safe for all event loops.
 */
final class PasswordChecks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordChecks.class);

    /** Some seconds of work at the usual cost. */
    private static final int MOST_WAITING = 256;

    private static final int MOST_REMEMBERED = 10_000;
    private static final int KEY_OCTETS = 32;
    private static final int LEAST_COST = 4;

    /** About a second. Who has a costlier hash can be told by it, but not everybody's wrong passwords take so long. */
    private static final int MOST_FILLED_COST = 14;

    private static final BCrypt.Verifyer BCRYPT =
            BCrypt.verifyer(BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y));

    private final EventExecutorGroup threads = new DefaultEventExecutorGroup(
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
            new DefaultThreadFactory("postroad-passwords", true),
            MOST_WAITING,
            RejectedExecutionHandlers.reject());
    private final byte[] secret = new byte[KEY_OCTETS];
    private final Map<ByteBuffer, Boolean> right = new ConcurrentHashMap<>();

    PasswordChecks() {
        new SecureRandom().nextBytes(secret);
    }

    /** Whether the very same was right before. */
    boolean isKnown(@Nullable String bcrypt, byte[] password) {
        return bcrypt != null && right.containsKey(digest(bcrypt, password));
    }

    /**
     * Checks a password. A wrong one takes as long as the costliest hash of all, whosever it is said to be: each step of the cost is twice
     * the work of the one before, so the steps from its own on make up the difference.
     *
     * @param bcrypt null for a user whom nobody knows
     * @param highestCost of all users
     * @param then hears on the loop, once, never before this returns; null when there is too much to check
     */
    void check(
            @Nullable String bcrypt,
            byte[] password,
            int highestCost,
            EventExecutor loop,
            Consumer<@Nullable Boolean> then) {
        try {
            threads.execute(() -> {
                boolean matches = bcrypt != null && isRight(bcrypt, password);
                if (!matches) {
                    filling(bcrypt == null ? 0 : cost(bcrypt), highestCost)
                            .forEach(cost -> matches(hashOfNobody(cost), password));
                }
                tell(loop, () -> then.accept(matches));
            });
        } catch (RejectedExecutionException busy) {
            loop.execute(() -> then.accept(null));
        }
    }

    private boolean isRight(String bcrypt, byte[] password) {
        boolean matches = matches(bcrypt, password);
        if (matches) {
            remember(digest(bcrypt, password));
        }
        return matches;
    }

    /**
     * The costs at which it is hashed once more, so that the work is that of the highest in all.
     *
     * @param cost of what was checked, 0 where nothing was
     */
    static IntStream filling(int cost, int highestCost) {
        int upTo = Math.max(LEAST_COST, Math.min(highestCost, MOST_FILLED_COST));
        return cost == 0 ? IntStream.of(upTo) : IntStream.range(cost, upTo);
    }

    /** A password that nobody knows. */
    private static String hashOfNobody(int cost) {
        return String.format("$2y$%02d$", cost) + "abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.";
    }

    /** Of a hash: the logarithm of its rounds. */
    static int cost(String bcrypt) {
        return Integer.parseInt(bcrypt.substring(4, 6));
    }

    private static void tell(EventExecutor loop, Runnable answer) {
        try {
            loop.execute(answer);
        } catch (RejectedExecutionException closed) {
            LOG.atDebug().log("a password was checked for an event loop that has ended");
        }
    }

    private void remember(ByteBuffer digest) {
        if (right.size() >= MOST_REMEMBERED) {
            right.clear();
        }
        right.put(digest, true);
    }

    private static boolean matches(String bcrypt, byte[] password) {
        try {
            return BCRYPT.verify(password, bcrypt.getBytes(java.nio.charset.StandardCharsets.US_ASCII)).verified;
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("a password cannot be checked; it is taken for a wrong one");
            return false;
        }
    }

    private ByteBuffer digest(String bcrypt, byte[] password) {
        return ByteBuffer.wrap(ScramKeys.hmac(secret, bcrypt, password));
    }

    @Override
    public void close() {
        threads.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }
}
