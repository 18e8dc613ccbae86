package org.postroad.deploy.observer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Waiting;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Selector;

/**
 * The queue by what lies in the topics, where no observer has an index: the same answers, but what was routed to a roll-up and waits counts
 * for its domain, and nothing is known of the last minute. Used once; it reads all that waits, in memory bounded by the number of
 * destinations.
 */
public final class QueueScan {
    public static final int MOST = Answers.MOST;

    private final @Nullable String destination;
    private final @Nullable Selector selector;
    private final int limit;
    private final QueueCounts counts = new QueueCounts();
    private final Map<String, Long> oldest = new HashMap<>();
    private final List<Index.Found> list = new ArrayList<>();
    private boolean more;

    /**
     * The same question as that of an observer.
     *
     * @param destination a roll-up's name as it is written, or a domain in any form; null for all
     * @param selector who is to be named; null for all of one destination, or none
     */
    public QueueScan(@Nullable String destination, @Nullable Selector selector, int limit) {
        this.destination = destination;
        this.selector = selector;
        this.limit = limit;
    }

    /** Blocks for as long as it takes to read what waits. */
    public Map<String, Object> of(Cluster cluster, KnownSchemas schemas, long nowMillis) {
        new ControlTopic(cluster.kafka(), cluster.topics(), schemas).learn();
        Waiting waiting = new Waiting(cluster, cluster.cut(), schemas);
        waiting.onInbound(envelope -> add(envelope, "", LiveRecipient.State.IN_FLIGHT));
        waiting.onAgain(envelope -> add(envelope, "", LiveRecipient.State.IN_FLIGHT));
        waiting.onOutbound(
                delivery -> add(delivery.getEnvelope(), delivery.getDestination(), LiveRecipient.State.IN_FLIGHT));
        waiting.onRetry(envelope -> add(envelope, "", LiveRecipient.State.DEFERRED));
        waiting.onHeld(envelope -> add(envelope, "", LiveRecipient.State.HELD));
        waiting.parked((envelope, kept) -> envelope)
                .noted()
                .forEach(envelope -> add(envelope, "", LiveRecipient.State.IN_FLIGHT));
        return answer(nowMillis);
    }

    private void add(Envelope envelope, String routedTo, LiveRecipient.State state) {
        for (Recipient recipient : envelope.getRecipients()) {
            String address = recipient.getAddress();
            String to =
                    routedTo.isEmpty() ? Domain.canonical(address.substring(address.lastIndexOf('@') + 1)) : routedTo;
            LiveRecipient live = live(envelope, recipient, to, state);
            counts.move(null, live);
            oldest.merge(to, live.bornMillis(), Math::min);
            Index.Found found = new Index.Found(envelope.getQueueId(), envelope.getGeneration(), address, live);
            if (isListed(to, found)) {
                more |= list.size() >= limit;
                if (!more) {
                    list.add(found);
                }
            }
        }
    }

    private boolean isListed(String to, Index.Found found) {
        if (destination != null
                && !destination.equals(to)
                && !Domain.canonical(destination).equals(to)) {
            return false;
        }
        return selector == null ? destination != null : Meant.is(selector, found);
    }

    private static LiveRecipient live(Envelope envelope, Recipient recipient, String to, LiveRecipient.State state) {
        @Nullable LastReply last = recipient.getLastReply();
        long born = QueueIds.isQueueId(envelope.getQueueId())
                ? QueueIds.millisOf(envelope.getQueueId())
                : envelope.getReceived().getAt();
        boolean untried = state == LiveRecipient.State.DEFERRED && recipient.getAttempts() == 0;
        return new LiveRecipient(
                untried ? LiveRecipient.State.UNTRIED : state,
                to,
                envelope.getReversePath(),
                envelope.getUser() == null ? "" : envelope.getUser(),
                born,
                last == null ? born : Math.max(born, last.getAt()),
                state == LiveRecipient.State.DEFERRED ? envelope.getNotBefore() : 0,
                recipient.getAttempts(),
                last == null ? 0 : last.getCode(),
                last == null ? "" : last.getStatus(),
                last == null ? "" : last.getText());
    }

    private Map<String, Object> answer(long nowMillis) {
        Map<String, Object> answer;
        if (destination != null) {
            String its = Answers.destination(counts, destination);
            DestinationCount count = counts.destinations().getOrDefault(its, new DestinationCount());
            answer = QueueRow.of(its, count, oldest.getOrDefault(its, 0L), nowMillis);
        } else if (selector == null) {
            return Answers.queue(counts, nowMillis, limit, shown -> oldest);
        } else {
            answer = new LinkedHashMap<>();
            answer.put("at", Answers.text(nowMillis));
        }
        answer.put(
                "list",
                list.stream().map(found -> QueueRow.of(found, nowMillis)).toList());
        answer.put("more", more);
        return answer;
    }
}
