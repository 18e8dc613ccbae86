package org.postroad.deliverer.address;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.AddressFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * The addresses of exchangers, asked of DNS without waiting and kept for their TTL.
 *
 * <p>Confined to one loop; one lookup of a name is under way, however many messages wait for it. Names are absolute:
 * no search list applies.
 */
public final class AddressBook {
    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);

    /** A zero TTL would ask once for each message, a huge one would outlive a move of the host. */
    static final Duration SHORTEST = Duration.ofSeconds(5);

    static final Duration LONGEST = Duration.ofHours(1);
    private static final int ENTRIES = CacheBudget.ofLoop(CacheBudget.NAMES);

    /** Kept of one family of a name: no more than a few are ever tried, and an answer may have thousands. */
    static final int ADDRESSES = 20;

    /** @param failed DNS said neither yes nor no, of one address family at least */
    record Answer(List<InetAddress> addresses, boolean failed, long ttlSeconds) {
        static final Answer NONE = new Answer(List.of(), false, 60);

        /** Kept longer than it takes to find out, or one sick server among a domain's would stop its mail again and again. */
        static final Answer FAILED = new Answer(List.of(), true, 60);

        /** Of both families. */
        Answer with(Answer other) {
            List<InetAddress> both = new ArrayList<>(addresses);
            both.addAll(other.addresses);
            return new Answer(both, failed || other.failed, Math.min(ttlSeconds, other.ttlSeconds));
        }

        /** Those of that family. */
        Answer of(AddressFamily family) {
            return new Answer(addresses.stream().filter(family::includes).toList(), failed, ttlSeconds);
        }
    }

    /** One name: its answer, or who waits for it. */
    private static final class Entry {
        private @Nullable Answer answer;
        private long expiresAt;
        private final List<Consumer<Answer>> waiters = new ArrayList<>();
    }

    private final EventLoop loop;
    private final AddressLookups lookups;
    private final AddressFamily family;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** @param family addresses of another are none, wherever they were found */
    public AddressBook(EventLoop loop, AddressLookups lookups, AddressFamily family) {
        this.loop = loop;
        this.lookups = lookups;
        this.family = family;
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
            answered(host, entry, ofLiteral(literal).of(family));
            return;
        }
        try {
            lookups.find(Name.fromString(host, Name.root), answer -> answered(host, entry, answer));
        } catch (TextParseException notAName) {
            answered(host, entry, Answer.NONE);
        }
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
        entry.expiresAt = loop.ticker().nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
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
