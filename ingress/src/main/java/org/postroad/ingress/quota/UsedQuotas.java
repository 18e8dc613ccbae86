package org.postroad.ingress.quota;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;

/**
 * What everybody has used, as the quotas topic says it: a claim is granted if all it takes is left, in the order of the log. Pure: every
 * reader of the same records comes to the same.
 *
 * <p>A window begins with the first message after the last has ended, not with the hour of a clock: quotas do not renew for everybody at
 * once. The only clock is the log's (LogAppendTime), whose records all nodes see alike. Where it goes back, because another broker leads
 * the partition now, windows that would begin in the future begin at once, so that none lasts longer than it should by more than the
 * clocks differ, and what was used stays used.
 */
final class UsedQuotas {
    /** Some 40 MB. Users and tenants are few; many are the networks that strangers come from, which may have half. */
    static final int MOST_COUNTS = 200_000;

    /** How often windows that are over are forgotten. */
    private static final long FORGET_MILLIS = 60_000;

    private final Map<String, Count> counts = new HashMap<>();
    private int strangers; // counts of clients and networks
    private long at;

    private static final class Count {
        private final int window;
        private long began;
        private long used;

        Count(int window, long began, long used) {
            this.window = window;
            this.began = began;
            this.used = used;
        }

        boolean isOver(long at) {
            return at - began >= window * 1_000L;
        }
    }

    /** What became of a claim. */
    enum Verdict {
        GRANTED,
        /** Too little is left of one of its quotas. */
        EXHAUSTED,
        /** More is counted already than can be kept. */
        NO_ROOM
    }

    /**
     * One of a claim's quotas afterwards.
     *
     * @param began milliseconds since 1970, by the log's clock
     */
    record Standing(QuotaUse use, long began, long used) {
        long left() {
            return use.getMost() > used ? use.getMost() - used : 0;
        }

        long endsAt() {
            return began + use.getWindow() * 1_000L;
        }
    }

    /**
     * A claim's answer.
     *
     * @param at when, by the log's clock; milliseconds since 1970
     * @param standings of all that it asked for, in its order; none where there was no room
     */
    record Judged(long id, Verdict verdict, long at, List<Standing> standings) {

        /** The first of which it asked for more than there was, as its place in the claim; only of one that is exhausted. */
        int exhausted() {
            for (int i = 0; i < standings.size(); i++) {
                if (standings.get(i).left() < standings.get(i).use().getCount()) {
                    return i;
                }
            }
            throw new IllegalStateException("nothing is exhausted in " + this);
        }
    }

    /** Begins with all parts of a balance. */
    void begin(List<QuotaBalance> parts) {
        for (QuotaBalance part : parts) {
            at = part.getAt();
            for (QuotaCount count : part.getCounts()) {
                put(count.getQuota(), new Count(count.getWindow(), count.getBegan(), count.getUsed()));
            }
        }
    }

    /**
     * The next record, with its time by the log's clock in milliseconds since 1970.
     *
     * @return the answers to its claims, in their order
     */
    List<Judged> apply(QuotaEntry entry, long time) {
        if (time / FORGET_MILLIS != at / FORGET_MILLIS) {
            forget(time);
        }
        at = time;
        entry.getReturned().forEach(this::giveBack);
        List<Judged> judged = new ArrayList<>(entry.getClaims().size());
        for (QuotaClaim claim : entry.getClaims()) {
            judged.add(judge(claim));
        }
        return judged;
    }

    private void forget(long time) {
        counts.entrySet().removeIf(each -> {
            boolean isOver = each.getValue().isOver(time);
            strangers -= isOver && isOfStrangers(each.getKey()) ? 1 : 0;
            return isOver;
        });
    }

    private void put(String quota, Count count) {
        if (counts.put(quota, count) == null && isOfStrangers(quota)) {
            strangers++;
        }
    }

    private static boolean isOfStrangers(String quota) {
        return !quota.startsWith("user ") && !quota.startsWith("tenant ");
    }

    private Judged judge(QuotaClaim claim) {
        List<Count> current = new ArrayList<>(claim.getUses().size());
        int fresh = 0;
        int freshStrangers = 0;
        boolean fits = true;
        for (QuotaUse use : claim.getUses()) {
            Count count = counts.get(use.getQuota());
            if (count == null || count.isOver(at)) {
                fresh += count == null ? 1 : 0;
                freshStrangers += count == null && isOfStrangers(use.getQuota()) ? 1 : 0;
                count = new Count(use.getWindow(), at, 0);
            }
            count.began = Math.min(count.began, at);
            fits &= use.getCount() >= 0 && new Standing(use, count.began, count.used).left() >= use.getCount();
            current.add(count);
        }
        if (fits && !hasRoom(fresh, freshStrangers)) {
            return new Judged(claim.getId(), Verdict.NO_ROOM, at, List.of());
        }
        List<Standing> standings = new ArrayList<>(current.size());
        for (int i = 0; i < current.size(); i++) {
            QuotaUse use = claim.getUses().get(i);
            Count count = current.get(i);
            if (fits) {
                count.used += use.getCount();
                put(use.getQuota(), count);
            }
            standings.add(new Standing(use, count.began, count.used));
        }
        return new Judged(claim.getId(), fits ? Verdict.GRANTED : Verdict.EXHAUSTED, at, standings);
    }

    /** What is counted already needs none. */
    private boolean hasRoom(int fresh, int freshStrangers) {
        return (fresh == 0 || counts.size() + fresh <= MOST_COUNTS)
                && (freshStrangers == 0 || strangers + freshStrangers <= MOST_COUNTS / 2);
    }

    private void giveBack(QuotaCount returned) {
        Count count = counts.get(returned.getQuota());
        if (count != null && count.began == returned.getBegan() && returned.getUsed() > 0) {
            count.used = Math.max(0, count.used - returned.getUsed());
        }
    }

    /** Of the last record; milliseconds since 1970. */
    long at() {
        return at;
    }

    int size() {
        return counts.size();
    }

    /** All there is to know, for somebody who begins with it. */
    List<QuotaCount> counts() {
        List<QuotaCount> all = new ArrayList<>(counts.size());
        counts.forEach((quota, count) -> all.add(new QuotaCount(quota, count.window, count.began, count.used)));
        return all;
    }
}
