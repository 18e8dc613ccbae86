package org.postroad.deliverer.send;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.hosts.HostsFileParser;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * The addresses of exchangers, asked of DNS without waiting and kept for their TTL.
 *
 * <p>Confined to one loop; one lookup of a name is under way, however many messages wait for it. Names are absolute:
 * no search list applies.
 */
final class AddressBook {
    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);

    /** A zero TTL would ask once for each message, a huge one would outlive a move of the host. */
    static final Duration SHORTEST = Duration.ofSeconds(5);

    static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration QUERY = Duration.ofSeconds(5);

    /** Where one family's addresses are known, for the other's (RFC 8305 section 3 would wait 50 ms, for a person). */
    private static final long OTHER_FAMILY_MILLIS = 1_000;

    private static final long LIMIT_SECONDS = 30;
    private static final int ENTRIES = CacheBudget.ofLoop(CacheBudget.NAMES);

    /** Kept of one family of a name: no more than a few are ever tried, and an answer may have thousands. */
    static final int ADDRESSES = 20;

    /** Names asked at once: each query has a socket, and slow servers must not use up the process's descriptors. */
    static final int LOOKUPS = 500;

    /** @param failed DNS said neither yes nor no, of one address family at least */
    record Answer(List<InetAddress> addresses, boolean failed, long ttlSeconds) {
        static final Answer NONE = new Answer(List.of(), false, 60);

        /** Kept longer than it takes to find out, or one sick server among a domain's would stop its mail again and again. */
        static final Answer FAILED = new Answer(List.of(), true, 60);

        /** Of both families; alternating, so that a family without a route hides none of the other. */
        Answer with(Answer other) {
            List<InetAddress> both = new ArrayList<>();
            for (int i = 0; i < Math.max(addresses.size(), other.addresses.size()); i++) {
                if (i < addresses.size()) {
                    both.add(addresses.get(i));
                }
                if (i < other.addresses.size()) {
                    both.add(other.addresses.get(i));
                }
            }
            return new Answer(both, failed || other.failed, Math.min(ttlSeconds, other.ttlSeconds));
        }
    }

    /** One name: its answer, or who waits for it. */
    private static final class Entry {
        private @Nullable Answer answer;
        private long expiresAt;
        private final List<Consumer<Answer>> waiters = new ArrayList<>();
    }

    private final EventLoop loop;
    private final LookupSession session;
    private final ArrayDeque<Runnable> unasked = new ArrayDeque<>();
    private int asking;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    AddressBook(EventLoop loop, List<InetSocketAddress> servers) {
        this(loop, resolver(servers));
    }

    AddressBook(EventLoop loop, Resolver resolver) {
        this.loop = loop;
        LookupSession.LookupSessionBuilder builder =
                LookupSession.builder().resolver(resolver).executor(loop).maxRedirects(8);
        this.session = hosts(builder).build();
    }

    /** The system's hosts file names what an operator's route may name. */
    private static LookupSession.LookupSessionBuilder hosts(LookupSession.LookupSessionBuilder builder) {
        return builder.hostsFileParser(new HostsFileParser());
    }

    private static Resolver resolver(List<InetSocketAddress> servers) {
        return new NameServers(
                servers.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : servers, QUERY);
    }

    /** What is known now, or null. */
    @Nullable
    Answer known(String host, long now) {
        assert loop.inEventLoop();
        Entry entry = entries.get(host);
        return entry == null || entry.answer == null || now - entry.expiresAt >= 0 ? null : entry.answer;
    }

    /** Runs when the name's addresses are known, or known not to be: at once, or later on the loop. */
    void whenKnown(String host, long now, Consumer<Answer> then) {
        Answer known = known(host, now);
        if (known != null) {
            then.accept(known);
            return;
        }
        Entry entry = entries.computeIfAbsent(host, h -> new Entry());
        entry.waiters.add(then);
        if (entry.waiters.size() == 1) {
            entry.answer = null;
            ask(host, entry);
        }
    }

    private void ask(String host, Entry entry) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            answered(host, entry, ofLiteral(literal));
            return;
        }
        try {
            Name name = Name.fromString(host, Name.root);
            unasked.add(() -> ask(name, answer -> answered(host, entry, answer)));
            askNext();
        } catch (TextParseException notAName) {
            answered(host, entry, Answer.NONE);
        }
    }

    private void askNext() {
        if (asking < LOOKUPS && !unasked.isEmpty()) {
            asking++;
            unasked.remove().run();
        }
    }

    private void ask(Name name, Consumer<Answer> then) {
        CompletableFuture<Answer> six = ask(name, Type.AAAA).toCompletableFuture();
        CompletableFuture<Answer> four = ask(name, Type.A).toCompletableFuture();
        waitNoLonger(four, six);
        waitNoLonger(six, four);
        six.thenCombine(four, Answer::with)
                .toCompletableFuture()
                .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .whenCompleteAsync(
                        (answer, failure) -> {
                            asking--;
                            try {
                                then.accept(failure == null ? answer : Answer.FAILED);
                            } finally {
                                askNext();
                            }
                        },
                        loop);
    }

    /** A family that is not answered costs nothing where the other is. */
    private static void waitNoLonger(CompletableFuture<Answer> one, CompletableFuture<Answer> other) {
        one.thenAccept(answer -> {
            if (!answer.addresses().isEmpty()) {
                other.completeOnTimeout(Answer.NONE, OTHER_FAMILY_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    private CompletionStage<Answer> ask(Name name, int type) {
        try {
            return session.lookupAsync(name, type)
                    .handle((result, failure) -> failure == null ? of(result) : of(failure));
        } catch (Throwable bug) {
            // Thrown on, it would keep its place among the lookups, and its mail waiting, for ever.
            LOG.atError().setCause(bug).addKeyValue("name", name).log("unforeseen exception in a lookup");
            return CompletableFuture.completedFuture(Answer.FAILED);
        }
    }

    private static Answer of(LookupResult result) {
        List<InetAddress> addresses = new ArrayList<>();
        long ttl = LONGEST.toSeconds();
        List<Record> records = result.getRecords();
        for (Record answer : records.subList(0, Math.min(ADDRESSES, records.size()))) {
            ttl = Math.min(ttl, answer.getTTL());
            if (answer instanceof ARecord four) {
                addresses.add(four.getAddress());
            } else if (answer instanceof AAAARecord six) {
                addresses.add(six.getAddress());
            }
        }
        return new Answer(addresses, false, ttl);
    }

    private static Answer of(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        boolean no = isNo(failure) || isNo(cause);
        return no ? Answer.NONE : Answer.FAILED;
    }

    private static boolean isNo(Throwable failure) {
        return failure instanceof NoSuchDomainException || failure instanceof NoSuchRRSetException;
    }

    private static Answer ofLiteral(byte[] octets) {
        try {
            return new Answer(List.of(InetAddress.getByAddress(octets)), false, LONGEST.toSeconds());
        } catch (UnknownHostException impossible) {
            return Answer.NONE;
        }
    }

    private void answered(String host, Entry entry, Answer answer) {
        long seconds = Math.max(SHORTEST.toSeconds(), Math.min(LONGEST.toSeconds(), answer.ttlSeconds()));
        entry.answer = answer;
        entry.expiresAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        entries.put(host, entry);
        forgetSome();
        List<Consumer<Answer>> waiters = List.copyOf(entry.waiters);
        entry.waiters.clear();
        for (Consumer<Answer> waiter : waiters) {
            try {
                waiter.accept(answer);
            } catch (Throwable bug) {
                LOG.atError().setCause(bug).log("unforeseen exception after a lookup");
            }
        }
    }

    /** The name used longest ago, unless mail waits for it. */
    private void forgetSome() {
        if (entries.size() > ENTRIES) {
            entries.values().removeIf(entry -> entry.waiters.isEmpty() && entries.size() > ENTRIES - ENTRIES / 10);
        }
    }
}
