package org.postroad.ingress.idempotency;

/**
 * What becomes of a request.
 *
 * @param queueId what its first mail is called; the others count up from it. Empty where none is written
 */
public record Claim(Verdict verdict, String queueId) {
    static final Claim ANOTHER = new Claim(Verdict.ANOTHER, "");
    static final Claim UNANSWERED = new Claim(Verdict.UNANSWERED, "");
    static final Claim NO_ROOM = new Claim(Verdict.NO_ROOM, "");

    /** The kinds. */
    public enum Verdict {
        /** Its mail is to be written: it is the first, or nobody has said of the first that all was kept. */
        WRITE,
        /** It is a repetition, and Kafka has all of its mail. */
        KEPT,
        /** The key was another request's. */
        ANOTHER,
        /** Nobody knows in time. */
        UNANSWERED,
        /** More keys are known already than can be. */
        NO_ROOM
    }

    /** Of a request that has no key. */
    public static Claim ofNewMail(String queueId) {
        return new Claim(Verdict.WRITE, queueId);
    }

    static Claim of(KnownRequests.Known known, Fingerprint content) {
        if (!known.content().equals(content)) {
            return ANOTHER;
        }
        return new Claim(known.isKept() ? Verdict.KEPT : Verdict.WRITE, known.queueId());
    }
}
