package org.postroad.deliverer.send;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, oldest first, in two lanes: small mail passes large mail that may not go yet, and only then.
 */
final class Lanes<M> {
    private final Predicate<M> isLarge;
    private final ArrayDeque<Waiting<M>> small = new ArrayDeque<>();
    private final ArrayDeque<Waiting<M>> large = new ArrayDeque<>();
    private long nextTurn;

    private record Waiting<M>(long turn, M message) {}

    Lanes(Predicate<M> isLarge) {
        this.isLarge = isLarge;
    }

    int size() {
        return small.size() + large.size();
    }

    boolean isEmpty() {
        return small.isEmpty() && large.isEmpty();
    }

    boolean hasLarge() {
        return !large.isEmpty();
    }

    void addLast(M message) {
        laneOf(message).addLast(new Waiting<>(nextTurn++, message));
    }

    void addFirst(M message) {
        long first = Math.min(turn(small.peekFirst()), turn(large.peekFirst()));
        laneOf(message).addFirst(new Waiting<>(Math.min(first, nextTurn) - 1, message));
    }

    /** The oldest; of small mail alone where large mail may not go. */
    @Nullable
    M peekFirst(boolean largeToo) {
        Waiting<M> first = firstLane(largeToo).peekFirst();
        return first == null ? null : first.message();
    }

    @Nullable
    M pollFirst(boolean largeToo) {
        Waiting<M> first = firstLane(largeToo).pollFirst();
        return first == null ? null : first.message();
    }

    /** The newest; there is one. */
    M removeLast() {
        boolean smallIsNewer = large.isEmpty()
                || !small.isEmpty() && small.getLast().turn() > large.getLast().turn();
        return (smallIsNewer ? small : large).removeLast().message();
    }

    /** Takes out those that leave, oldest first. */
    List<M> removeIf(Predicate<M> leaves) {
        List<Waiting<M>> left = new ArrayList<>();
        for (Deque<Waiting<M>> lane : List.of(small, large)) {
            for (Iterator<Waiting<M>> all = lane.iterator(); all.hasNext(); ) {
                Waiting<M> one = all.next();
                if (leaves.test(one.message())) {
                    all.remove();
                    left.add(one);
                }
            }
        }
        left.sort(Comparator.comparingLong(Waiting::turn));
        return left.stream().map(Waiting::message).toList();
    }

    private ArrayDeque<Waiting<M>> firstLane(boolean largeToo) {
        return largeToo && turn(large.peekFirst()) < turn(small.peekFirst()) ? large : small;
    }

    private static long turn(@Nullable Waiting<?> one) {
        return one == null ? Long.MAX_VALUE : one.turn();
    }

    private ArrayDeque<Waiting<M>> laneOf(M message) {
        return isLarge.test(message) ? large : small;
    }
}
