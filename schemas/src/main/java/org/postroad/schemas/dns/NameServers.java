package org.postroad.schemas.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;

/**
 * Asks one name server after the other until one answers, whatever is asked for; UDP first, TCP when an answer was cut short. What is no
 * answer {@link Belief} says: dnsjava's own resolver for several takes REFUSED, SERVFAIL and nothing at all for one.
 *
 * <p>The server that answered last is asked first, so that a silent one costs its time limit once, and not for each name.
 *
 * <p>Safe for all threads, which best share one: what one learns of the servers serves all.
 */
public final class NameServers implements Resolver {
    /** Most names are answered within one; a server that is still at work then has the answer when it is asked again. */
    public static final Duration TRY_LIMIT = Duration.ofSeconds(3);

    /** Of one server alone a datagram may be lost. */
    private static final int LEAST_TRIES = 2;

    /** So many silent ones take less than the 20 s after which a router gives up a lookup. */
    private static final int MOST_TRIES = 6;

    /** What was learned of the servers. Written and read by any thread: an old value costs one question. */
    private static final class Learned {
        /** The one that answered last. */
        private int first;

        /** Those that were silent when they were asked last. */
        private final boolean[] silent;

        Learned(int servers) {
            silent = new boolean[servers];
        }
    }

    private final List<InetSocketAddress> addresses;
    private final List<SimpleResolver> servers;
    private final Duration tryLimit;
    private final int tries;
    private final boolean hurried;
    private final Learned learned;

    private NameServers(List<InetSocketAddress> addresses, Duration tryLimit, boolean hurried, Learned learned) {
        this.addresses = List.copyOf(addresses);
        this.servers = this.addresses.stream()
                .map(address -> server(address, tryLimit))
                .toList();
        this.tryLimit = tryLimit;
        this.tries = Math.max(LEAST_TRIES, hurried ? 0 : Math.min(servers.size(), MOST_TRIES));
        this.hurried = hurried;
        this.learned = learned;
    }

    /** These servers, in order; none means the system's. */
    public static NameServers of(List<InetSocketAddress> addresses) {
        return of(addresses, TRY_LIMIT);
    }

    /** The same with another time for each server. */
    public static NameServers of(List<InetSocketAddress> addresses, Duration tryLimit) {
        List<InetSocketAddress> known =
                addresses.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : addresses;
        return new NameServers(known, tryLimit, false, new Learned(known.size()));
    }

    /**
     * The same servers for those who cannot wait and ask again without hurry where there is no answer: two are asked, for so long each.
     * What one learns of the servers the other knows.
     */
    public NameServers hurried(Duration limit) {
        return new NameServers(addresses, limit, true, learned);
    }

    private static SimpleResolver server(InetSocketAddress address, Duration tryLimit) {
        SimpleResolver server = new SimpleResolver(address);
        server.setTimeout(tryLimit); // frees the socket, up to a second later
        return server;
    }

    /** False when none was given and the system names none. */
    public boolean isAny() {
        return !servers.isEmpty();
    }

    /** The answer; or a {@link NoAnswerException}, possibly wrapped. */
    @Override
    public CompletionStage<Message> sendAsync(Message query, Executor executor) {
        if (servers.isEmpty()) {
            return CompletableFuture.failedFuture(new NoAnswerException("no name server is known"));
        }
        return new Question(query, executor, learned.first).ask();
    }

    /** One question on its way from server to server; each step follows the one before. */
    private final class Question {
        private final Message query;
        private final Executor executor;
        private final int begin;
        private int asked;
        private @Nullable Message doubted;
        private final Set<String> faults = new LinkedHashSet<>();

        Question(Message query, Executor executor, int begin) {
            this.query = query;
            this.executor = executor;
            this.begin = begin;
        }

        CompletionStage<Message> ask() {
            int index = (begin + asked++) % servers.size();
            return send(servers.get(index))
                    .handleAsync((reply, failure) -> judge(index, reply, failure), executor)
                    .thenCompose(Function.identity());
        }

        private CompletableFuture<Message> send(SimpleResolver server) {
            try {
                return server.sendAsync(query, executor)
                        .toCompletableFuture()
                        .orTimeout(tryLimit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private CompletionStage<Message> judge(int index, @Nullable Message reply, @Nullable Throwable failure) {
            boolean silent = failure != null && isTimeout(failure);
            if (!silent || !hurried) { // in a hurry silence says nothing
                learned.silent[index] = silent;
            }
            if (reply == null) {
                return failed(index, words(failure));
            }
            return switch (Belief.in(query, reply)) {
                case FULL -> believed(index, reply);
                case DOUBT -> doubted(reply);
                case NONE -> failed(index, Belief.fault(query, reply));
            };
        }

        private CompletionStage<Message> believed(int index, Message reply) {
            if (doubted == null || Belief.saysYes(query, reply)) {
                learned.first = index; // one that only agrees with another's no need not replace it
            }
            return CompletableFuture.completedFuture(reply);
        }

        private CompletionStage<Message> doubted(Message reply) {
            doubted = doubted == null ? reply : doubted;
            return askFurther();
        }

        private CompletionStage<Message> failed(int index, String what) {
            faults.add(what + " from " + name(index));
            return askFurther();
        }

        private CompletionStage<Message> askFurther() {
            if (doubted == null) {
                return asked < tries ? ask() : nobody();
            }
            while (asked < servers.size() && asked < tries) { // for a second opinion no silent one is waited for
                if (!learned.silent[(begin + asked) % servers.size()]) {
                    return ask();
                }
                asked++;
            }
            return hurried && !faults.isEmpty() ? nobody() : CompletableFuture.completedFuture(doubted);
        }

        private CompletionStage<Message> nobody() {
            return CompletableFuture.failedFuture(new NoAnswerException("DNS: " + String.join(", ", faults)));
        }
    }

    private String name(int index) {
        InetSocketAddress address = addresses.get(index);
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static String words(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : causeOf(failure);
        if (cause == null) {
            return "nothing";
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return isTimeout(cause) ? "no answer in time" : message;
    }

    private static boolean isTimeout(Throwable failure) {
        Throwable cause = causeOf(failure);
        return cause instanceof TimeoutException
                || String.valueOf(cause.getMessage()).contains("imed out");
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    @Override
    public void setPort(int port) {
        servers.forEach(server -> server.setPort(port));
    }

    @Override
    public void setTCP(boolean tcp) {
        servers.forEach(server -> server.setTCP(tcp));
    }

    @Override
    public void setIgnoreTruncation(boolean ignore) {
        servers.forEach(server -> server.setIgnoreTruncation(ignore));
    }

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {
        servers.forEach(server -> server.setEDNS(version, payloadSize, flags, options));
    }

    @Override
    public void setTSIGKey(TSIG key) {
        servers.forEach(server -> server.setTSIGKey(key));
    }

    @Override
    public void setTimeout(Duration timeout) {
        servers.forEach(server -> server.setTimeout(timeout));
    }
}
