package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;

/**
 * How many connections this node has to each address of an exchanger, over all its event loops, which loops wait for one, and how soon
 * the address may be connected to ({@link ConnectPace}).
 *
 * <p>The one thing that event loops share: destinations of different loops may have the same exchanger, a smarthost or a provider, which
 * must not see the limit once for each loop. A place that is freed is kept for the loop that has waited longest, since whoever frees it
 * would be quickest to take it again. Asked when a connection is opened, has become ready, has taken its first mail, and ends: never for
 * each mail, so one lock is enough.
 */
final class AddressLimits {
    /** How long a freed place is kept for the loop that was told of it: it may have found another way, or nothing left to send. */
    static final long KEPT_NANOS = Duration.ofSeconds(1).toNanos();

    /** So long after a connection of ours has ended the exchanger may still count it. */
    static final long COUNTED_NANOS = Duration.ofSeconds(1).toNanos();

    /** An event loop that connects; what it is told it must not do at once but by a task of its own. */
    interface Loop {
        /** There is a place at this address, kept for it for a while. */
        void placeFreed(InetSocketAddress address);

        /** Another loop waits for a place there: an idle connection may be closed for it. */
        void placeWanted(InetSocketAddress address);
    }

    private static final class Address {
        private int open;
        private int ready;
        private int large;
        private final Map<Loop, Integer> openBy = new LinkedHashMap<>(4);
        private final LinkedHashSet<Loop> waiting = new LinkedHashSet<>(4);
        private @Nullable Loop keptFor;
        private long keptUntil;
        private final ConnectPace pace = new ConnectPace();
        private boolean served;
        private long servedUntil;

        /** Whether one was useful that has ended so lately that it may be counted still. */
        boolean isServedLately(long now) {
            return served && now - servedUntil < 0;
        }

        int openBy(Loop loop) {
            return openBy.getOrDefault(loop, 0);
        }

        boolean isKeptForOther(Loop loop, long now) {
            return keptFor != null && keptFor != loop && now - keptUntil < 0;
        }
    }

    private final int remembered;
    private final Map<InetSocketAddress, Address> addresses = new LinkedHashMap<>();

    /** @param remembered so many addresses without connections are kept for what was learned of them */
    AddressLimits(int remembered) {
        this.remembered = remembered;
    }

    /** Takes a place there, if there is one; at most so many connections of this node. */
    synchronized boolean take(InetSocketAddress at, int limit, Loop loop, long now) {
        Address address = addresses.computeIfAbsent(at, a -> new Address());
        boolean may = address.open < limit
                && !address.isKeptForOther(loop, now)
                && address.pace.mayConnect(address.open, now);
        if (may) {
            address.keptFor = null;
            address.open++;
            address.openBy.merge(loop, 1, Integer::sum);
            address.pace.connecting(now);
            if (address.waiting.remove(loop)) {
                address.waiting.add(loop); // whatever it waits for beside this comes after the others
            }
        }
        return may;
    }

    /** One there can carry mail. */
    synchronized void ready(InetSocketAddress at) {
        addresses.computeIfAbsent(at, a -> new Address()).ready++;
    }

    /** How a connection was when it ended. */
    enum Ended {
        OPENING,
        READY,
        /** It took mail. */
        USEFUL
    }

    /** One there has ended; the loop for which its place is kept, or null. */
    synchronized @Nullable Loop closed(InetSocketAddress at, Ended how, Loop loop, long now) {
        Address address = addresses.get(at);
        if (address == null) {
            return null;
        }
        address.open--;
        address.ready -= how == Ended.OPENING ? 0 : 1;
        if (how == Ended.USEFUL) {
            address.served = true;
            address.servedUntil = now + COUNTED_NANOS;
        }
        if (address.openBy.merge(loop, -1, Integer::sum) <= 0) {
            address.openBy.remove(loop);
        }
        Loop next = keepForNext(address, now);
        forgetSome(at, address, now);
        return next;
    }

    /**
     * A message with large content is to go there.
     *
     * @param most of this node at once
     */
    synchronized boolean takeLarge(InetSocketAddress at, int most) {
        Address address = addresses.computeIfAbsent(at, a -> new Address());
        boolean may = address.large < most;
        address.large += may ? 1 : 0;
        return may;
    }

    /** It does not go there any more. */
    synchronized void leftLarge(InetSocketAddress at, long now) {
        Address address = addresses.get(at);
        if (address != null) {
            address.large--;
            forgetSome(at, address, now);
        }
    }

    /** It waits for a place there; those who have idle connections hear of it. */
    synchronized void await(InetSocketAddress at, Loop loop) {
        Address address = addresses.computeIfAbsent(at, a -> new Address());
        if (address.waiting.add(loop)) {
            for (Loop other : address.openBy.keySet()) {
                if (other != loop) {
                    other.placeWanted(at);
                }
            }
        }
    }

    /** It does not wait there any more; the loop for which the place is kept instead, or null. */
    synchronized @Nullable Loop leave(InetSocketAddress at, Loop loop, long now) {
        Address address = addresses.get(at);
        if (address == null || !address.waiting.remove(loop) || address.keptFor != loop) {
            return null;
        }
        return keepForNext(address, now);
    }

    /** Whether it should give up a connection there for a loop that waits and has none, or fewer by more than one. */
    synchronized boolean owesPlace(InetSocketAddress at, Loop loop) {
        Address address = addresses.get(at);
        if (address == null) {
            return false;
        }
        int own = address.openBy(loop);
        for (Loop other : address.waiting) {
            int theirs = address.openBy(other);
            if (other != loop && (theirs == 0 || own > theirs + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the exchanger, which said 421 to one, serves others of ours, or did a moment ago; it will serve no more for a while. */
    synchronized boolean isOnlyFull(InetSocketAddress at, long now) {
        Address address = addresses.get(at);
        if (address == null || address.ready == 0 && !address.isServedLately(now)) {
            return false;
        }
        address.pace.full(address.ready, now);
        return true;
    }

    /** How the last connection there broke, while the next has to wait and there is no other; else null. */
    synchronized @Nullable Breakdown waitsFor(InetSocketAddress at, long now) {
        Address address = addresses.get(at);
        return address == null || address.ready > 0 ? null : address.pace.waitsFor(now);
    }

    /** One broke before any mail was taken on it. */
    synchronized void fruitless(InetSocketAddress at, Breakdown why, long now) {
        Address address = addresses.computeIfAbsent(at, a -> new Address());
        address.pace.fruitless(why, now);
        forgetSome(at, address, now);
    }

    /** The first mail was taken on one. */
    synchronized void worked(InetSocketAddress at) {
        Address address = addresses.get(at);
        if (address != null) {
            address.pace.worked();
        }
    }

    synchronized int openTo(InetSocketAddress at) {
        Address address = addresses.get(at);
        return address == null ? 0 : address.open;
    }

    synchronized int size() {
        return addresses.size();
    }

    /** The loop that has waited longest hears of a place first. */
    private static @Nullable Loop keepForNext(Address address, long now) {
        Iterator<Loop> waiting = address.waiting.iterator();
        address.keptFor = waiting.hasNext() ? waiting.next() : null;
        address.keptUntil = now + KEPT_NANOS;
        return address.keptFor;
    }

    private void forgetSome(InetSocketAddress at, Address address, long now) {
        if (isUnused(address) && address.pace.isForgettable(now) && !address.isServedLately(now)) {
            addresses.remove(at);
        } else if (addresses.size() > remembered) {
            Set<Map.Entry<InetSocketAddress, Address>> all = addresses.entrySet();
            all.removeIf(one -> addresses.size() > remembered - remembered / 10 && isUnused(one.getValue()));
        }
    }

    private static boolean isUnused(Address address) {
        return address.open == 0 && address.large == 0 && address.waiting.isEmpty();
    }
}
