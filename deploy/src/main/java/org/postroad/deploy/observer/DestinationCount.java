package org.postroad.deploy.observer;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who is under way to one destination, by where it is; confined to one thread. */
final class DestinationCount {
    private static final long MINUTE = 60_000;

    int inFlight;
    int untried;
    int deferred;
    int held;

    /** Deferred and untried by the minute in which they are due: at most one for each minute of the schedule. */
    private final TreeMap<Long, Integer> due = new TreeMap<>();

    /** Those in flight by the minute of the last that was told of them. */
    private final TreeMap<Long, Integer> untold = new TreeMap<>();

    private long deliveredMinute;
    private int deliveredNow;
    private int deliveredBefore;

    String lastReply = "";
    long lastReplyMillis;

    /** Takes one in, or out with -1. */
    void add(LiveRecipient one, int number) {
        switch (one.state()) {
            case IN_FLIGHT -> {
                inFlight += number;
                add(untold, one.atMillis(), number);
            }
            case HELD -> held += number;
            case DEFERRED -> {
                deferred += number;
                add(due, one.dueMillis(), number);
            }
            case UNTRIED -> {
                untried += number;
                add(due, one.dueMillis(), number);
            }
        }
    }

    private static void add(Map<Long, Integer> minutes, long millis, int number) {
        minutes.merge(millis / MINUTE, number, (a, b) -> a + b == 0 ? null : a + b);
    }

    int all() {
        return inFlight + untried + deferred + held;
    }

    /** Partitions are read one after the other: what comes later may be older. */
    void replied(String text, long atMillis) {
        if (atMillis >= lastReplyMillis) {
            lastReply = text;
            lastReplyMillis = atMillis;
        }
    }

    void delivered(int recipients, long atMillis) {
        long minute = atMillis / MINUTE;
        if (minute > deliveredMinute) {
            deliveredBefore = minute == deliveredMinute + 1 ? deliveredNow : 0;
            deliveredNow = 0;
            deliveredMinute = minute;
        }
        if (minute == deliveredMinute) {
            deliveredNow += recipients;
        } else if (minute == deliveredMinute - 1) {
            deliveredBefore += recipients;
        }
    }

    /** Delivered in the last whole minute. */
    int deliveredLastMinute(long nowMillis) {
        long minute = nowMillis / MINUTE;
        return minute == deliveredMinute ? deliveredBefore : minute == deliveredMinute + 1 ? deliveredNow : 0;
    }

    /** Whether there is nothing to tell of it any more. */
    boolean isOver(long nowMillis) {
        return all() == 0 && nowMillis - Math.max(lastReplyMillis, deliveredMinute * MINUTE) > 10 * MINUTE;
    }

    /** How many of those who wait are due by now: they are on their way again, and no event tells of it. */
    int dueBy(long nowMillis) {
        return sum(due.headMap(nowMillis / MINUTE));
    }

    /** How many of those in flight nothing was told of since a time. */
    int untoldSince(long millis) {
        return sum(untold.headMap(millis / MINUTE));
    }

    /** How many are due later than this and by that. */
    int dueBetween(long afterMillis, long byMillis) {
        return sum(due.subMap(afterMillis / MINUTE, true, byMillis / MINUTE, false));
    }

    private static int sum(Map<Long, Integer> minutes) {
        int number = 0;
        for (int each : minutes.values()) {
            number += each;
        }
        return number;
    }

    /** The minute in which somebody is due next; null where nobody waits. */
    @Nullable
    Long nextDueMillis(long nowMillis) {
        Map.Entry<Long, Integer> next = due.ceilingEntry(nowMillis / MINUTE);
        return next == null ? null : Long.valueOf(next.getKey() * MINUTE);
    }
}
