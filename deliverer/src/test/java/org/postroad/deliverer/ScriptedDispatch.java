package org.postroad.deliverer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;

/** The event loops' side in a few lines: answers each delivery by a script, at once or when told; safe for all threads. */
public final class ScriptedDispatch implements Dispatch {
    public static final Outcome DELIVERED = new Outcome.Delivered(Samples.reply(250, "2.0.0", "ok"), false, false);
    public static final Outcome DEFERRED = new Outcome.Deferred(Samples.reply(451, "4.7.1", "later"), false);
    public static final Outcome IN_DOUBT = new Outcome.Deferred(Samples.reply(451, "4.4.2", "no answer"), true);

    public final List<String> started = new CopyOnWriteArrayList<>();
    public final Set<TopicPartition> revoked = ConcurrentHashMap.newKeySet();
    private final Function<OpenDelivery, Outcome> script;
    private final Predicate<OpenDelivery> held;
    private boolean pastDot;
    private final Map<String, OpenDelivery> open = new HashMap<>();
    private Completions completions = completion -> {};
    private int reliefs;

    private ScriptedDispatch(Function<OpenDelivery, Outcome> script, Predicate<OpenDelivery> held, boolean pastDot) {
        this.script = script;
        this.held = held;
        this.pastDot = pastDot;
    }

    public static ScriptedDispatch answering(Function<OpenDelivery, Outcome> script) {
        return new ScriptedDispatch(script, delivery -> false, false);
    }

    /** Keeps some before their final dot until {@link #finish} or a revocation. */
    public static ScriptedDispatch holding(Predicate<OpenDelivery> held) {
        return new ScriptedDispatch(delivery -> DELIVERED, held, false);
    }

    /** Keeps all past their final dot, unanswered, until {@link #finish} or their partition is abandoned. */
    public static ScriptedDispatch pastTheDot() {
        return pastTheDot(delivery -> true);
    }

    /** Keeps some past their final dot. */
    public static ScriptedDispatch pastTheDot(Predicate<OpenDelivery> held) {
        return new ScriptedDispatch(delivery -> DELIVERED, held, true);
    }

    public synchronized ScriptedDispatch completingTo(Completions to) {
        completions = to;
        return this;
    }

    /** Whatever it holds is past its final dot from now on. */
    public synchronized void crossDots() {
        pastDot = true;
    }

    public static String queueId(OpenDelivery delivery) {
        return delivery.delivery().getEnvelope().getQueueId();
    }

    @Override
    public void limits(Limits limits) {}

    @Override
    public synchronized void start(OpenDelivery delivery) {
        started.add(queueId(delivery));
        if (held.test(delivery)) {
            open.put(queueId(delivery), delivery);
        } else {
            completions.complete(completion(delivery, script.apply(delivery)));
        }
    }

    public synchronized void finish(String queueId) {
        completions.complete(completion(open.remove(queueId), DELIVERED));
    }

    /** Whatever a test wants to come back. */
    public synchronized void complete(Completion completion) {
        completions.complete(completion);
    }

    public synchronized Set<String> open() {
        return Set.copyOf(open.keySet());
    }

    public synchronized int reliefs() {
        return reliefs;
    }

    @Override
    public synchronized void revoke(Set<TopicPartition> partitions) {
        revoked.addAll(partitions);
        if (!pastDot) {
            take(partitions).forEach(delivery -> completions.complete(Completion.givenBack(delivery)));
        }
    }

    @Override
    public synchronized void abandon(Set<TopicPartition> partitions) {
        take(partitions).forEach(delivery -> completions.complete(completion(delivery, IN_DOUBT)));
    }

    @Override
    public synchronized void relieve() {
        reliefs++;
    }

    private List<OpenDelivery> take(Set<TopicPartition> partitions) {
        List<OpenDelivery> taken = new ArrayList<>(open.values());
        taken.removeIf(delivery -> !partitions.contains(delivery.partition()));
        taken.forEach(delivery -> open.remove(queueId(delivery)));
        return taken;
    }

    public static Completion completion(OpenDelivery delivery, Outcome outcome) {
        return Completion.finished(
                delivery,
                delivery.delivery().getEnvelope().getRecipients().stream()
                        .map(recipient -> new RecipientOutcome(recipient, outcome))
                        .toList());
    }
}
