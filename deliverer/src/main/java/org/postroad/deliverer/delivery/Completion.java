package org.postroad.deliverer.delivery;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The end of this node's work on a delivery: one outcome for each recipient, in the envelope's order.
 *
 * <p>No outcomes means it was given back unfinished, because its partition left this node before it was started.
 *
 * @param headerBlock the header section, at most 16 KiB, when a recipient bounced, may expire or is to be reported; else empty
 */
public record Completion(OpenDelivery delivery, List<RecipientOutcome> outcomes, ByteBuffer headerBlock) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    public Completion {
        int recipients = delivery.delivery().getEnvelope().getRecipients().size();
        if (!outcomes.isEmpty() && outcomes.size() != recipients) {
            throw new IllegalArgumentException(outcomes.size() + " outcomes for " + recipients + " recipients");
        }
        outcomes = List.copyOf(outcomes);
    }

    public static Completion finished(OpenDelivery delivery, List<RecipientOutcome> outcomes) {
        return new Completion(delivery, outcomes, NOTHING);
    }

    public static Completion givenBack(OpenDelivery delivery) {
        return new Completion(delivery, List.of(), NOTHING);
    }

    public boolean isGivenBack() {
        return outcomes.isEmpty();
    }
}
