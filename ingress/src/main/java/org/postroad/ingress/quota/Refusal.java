package org.postroad.ingress.quota;

import org.postroad.schemas.Reply;

/**
 * Why a message is not taken.
 *
 * @param retrySeconds when trying again makes sense, 0 where it never does
 * @param overLimit whether a rate or a quota is why
 */
public record Refusal(Reply reply, long retrySeconds, boolean overLimit) {
    /** Kafka's elections and full buffers take about so long. */
    public static final long SOON_SECONDS = 5;

    private static final long NANOS = 1_000_000_000L;

    /** One whose cause will be gone after a moment, if it is transient at all. */
    public static Refusal of(Reply reply) {
        return new Refusal(reply, reply.isTransient() ? SOON_SECONDS : 0, false);
    }

    /** Of a rate or a quota that is used up for so long. */
    static Refusal until(Reply reply, long nanos) {
        return new Refusal(reply, Math.max(1, (nanos + NANOS - 1) / NANOS), true);
    }

    /** One that no time ends. */
    static Refusal ever(Reply reply) {
        return new Refusal(reply, 0, true);
    }
}
