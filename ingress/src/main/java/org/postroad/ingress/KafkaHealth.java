package org.postroad.ingress;

/**
 * Judges from what becomes of writes whether it makes sense to take on new messages: a client should not send 50 MB
 * to hear 451 a minute later. Time is an argument, in nanoseconds.
 */
final class KafkaHealth {
    /** An ordinary leader election takes less. */
    static final long PATIENCE_NANOS = 5_000_000_000L;

    /** After a failure with nothing under way, somebody has to try again. */
    static final long PROBE_AFTER_NANOS = 1_000_000_000L;

    private int unanswered;
    private long progressAt;
    private boolean failing;
    private long failedAt;

    void sent(long now) {
        if (unanswered++ == 0) {
            progressAt = now;
        }
    }

    void kept(long now) {
        unanswered--;
        progressAt = now;
        failing = false;
    }

    void failed(long now) {
        unanswered--;
        failing = true;
        failedAt = now;
    }

    /** Whether new transactions are better refused. */
    boolean refuses(long now) {
        if (failing) {
            return unanswered > 0 || now - failedAt < PROBE_AFTER_NANOS;
        }
        return unanswered > 0 && now - progressAt > PATIENCE_NANOS;
    }
}
