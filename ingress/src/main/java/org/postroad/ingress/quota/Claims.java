package org.postroad.ingress.quota;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.ingress.quota.UsedQuotas.Standing;
import org.postroad.ingress.quota.UsedQuotas.Verdict;
import org.postroad.schemas.Codec;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims of one event loop, from their append to the answer that the log gives when it is read back. While one record is on its way
 * those that come gather for the next. Confined to its loop.
 *
 * <p>A claim that nobody waits for any more, because its answer came too late, is given back when it turns out to have been granted. One
 * whose message may or may not be kept stays used, for more than the quota must never go through.
 */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    /**
     * As long as Kafka has for a message (a producer gives a record up after 9.5 s), so that a client waits for less than half a minute.
     */
    static final long PATIENCE_NANOS = 10_000_000_000L;

    /** A claim that waits for so long shows that others would wait too. */
    private static final long SLOW_NANOS = 5_000_000_000L;

    /** Of a record: names of users have at most 255 characters, and a claim a dozen uses, so the octets decide. */
    private static final int ENTRY_OCTETS = 128 * 1024;

    private final String node;
    private final Codec<QuotaEntry> codec;
    private final EventExecutor loop;
    private final ClaimLog log;
    private final Map<Long, Pending> pending = new LinkedHashMap<>();
    private final ArrayDeque<Pending> gathered = new ArrayDeque<>();
    private long nextId;
    private boolean sending;
    private boolean looks;

    private record Pending(QuotaClaim claim, long since, Consumer<@Nullable Judged> then) {}

    /** @param firstId with room above it, so that no two loops of a node have the same */
    Claims(String node, long firstId, Codec<QuotaEntry> codec, EventExecutor loop, ClaimLog log) {
        this.node = node;
        this.nextId = firstId;
        this.codec = codec;
        this.loop = loop;
        this.log = log;
    }

    /** @param then hears the answer exactly once, null when there is none in time; never before this returns */
    void claim(List<QuotaUse> uses, Consumer<@Nullable Judged> then) {
        Pending fresh = new Pending(new QuotaClaim(nextId++, uses), now(), then);
        pending.put(fresh.claim().getId(), fresh);
        gathered.add(fresh);
        lookIn(PATIENCE_NANOS);
        send();
    }

    /** Whether a claim would most likely not be answered in time. */
    boolean isUnwell() {
        Iterator<Pending> oldest = pending.values().iterator();
        return log.isUnwell() || oldest.hasNext() && now() - oldest.next().since() > SLOW_NANOS;
    }

    private void send() {
        if (sending) {
            return;
        }
        List<QuotaClaim> claims = new ArrayList<>();
        int octets = 0;
        while (!gathered.isEmpty() && octets < ENTRY_OCTETS) {
            QuotaClaim next = gathered.remove().claim();
            if (pending.containsKey(next.getId())) {
                claims.add(next);
                octets += octets(next);
            }
        }
        if (!claims.isEmpty()) {
            sending = true;
            append(new QuotaEntry(node, claims, List.of(), null, null), kept -> {
                sending = false;
                if (!kept) {
                    claims.forEach(claim -> answer(claim.getId(), null));
                }
                send();
            });
        }
    }

    private void append(QuotaEntry entry, Consumer<Boolean> kept) {
        try {
            log.append(codec.encode(entry), kept);
        } catch (RuntimeException unforeseen) {
            LOG.atError().setCause(unforeseen).log("unforeseen exception");
            loop.execute(() -> kept.accept(false));
        }
    }

    private static int octets(QuotaClaim claim) {
        int octets = 16;
        for (QuotaUse use : claim.getUses()) {
            octets += 24 + 3 * use.getQuota().length();
        }
        return octets;
    }

    /** The log has judged claims of this loop. */
    void judged(List<Judged> answers) {
        Map<String, QuotaCount> returned = new HashMap<>();
        for (Judged judged : answers) {
            if (!answer(judged.id(), judged) && judged.verdict() == Verdict.GRANTED) {
                judged.standings().forEach(standing -> returned.merge(key(standing), taken(standing), Claims::sum));
            }
        }
        if (!returned.isEmpty()) {
            List<QuotaCount> counts = List.copyOf(returned.values());
            append(new QuotaEntry(node, List.of(), counts, null, null), kept -> {}); // unless kept it stays used
        }
    }

    private static String key(Standing standing) {
        return standing.began() + " " + standing.use().getQuota();
    }

    private static QuotaCount taken(Standing standing) {
        QuotaUse use = standing.use();
        return new QuotaCount(use.getQuota(), use.getWindow(), standing.began(), use.getCount());
    }

    private static QuotaCount sum(QuotaCount one, QuotaCount other) {
        return new QuotaCount(one.getQuota(), one.getWindow(), one.getBegan(), one.getUsed() + other.getUsed());
    }

    /** Whether somebody waited for it. */
    private boolean answer(long id, @Nullable Judged judged) {
        Pending one = pending.remove(id);
        if (one != null) {
            one.then().accept(judged);
        }
        return one != null;
    }

    private void lookIn(long nanos) {
        if (!looks) {
            looks = true;
            var unused = loop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        looks = false;
        Iterator<Pending> oldest = pending.values().iterator();
        while (oldest.hasNext()) {
            Pending one = oldest.next();
            long left = PATIENCE_NANOS - (now() - one.since());
            if (left > 0) {
                lookIn(left);
                return;
            }
            answer(one.claim().getId(), null);
            oldest = pending.values().iterator();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
