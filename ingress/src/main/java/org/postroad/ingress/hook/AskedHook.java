package org.postroad.ingress.hook;

/** A hook of one listener on one event loop, and what it means that it answers or fails. */
final class AskedHook {
    private static final HookAnswer DEFERRED = HookAnswer.refused(HookReply.FAILED);

    private final String listener;
    private final Hook hook;
    private final HookMetrics metrics;
    private final HookOutage outage;
    private final Opening opening;

    /** Begins to look at messages. */
    interface Opening {
        /**
         * Begins to look at one.
         *
         * @param goOn runs, in a task of its own, when content need not wait any longer or there is an answer
         */
        Inquiry open(AskedMail mail, Inspection.Memory memory, Runnable goOn);

        /** Whether it may change header sections. */
        boolean changesHeaders();
    }

    AskedHook(String listener, Hook hook, HookMetrics metrics, HookOutage outage, Opening opening) {
        this.listener = listener;
        this.hook = hook;
        this.metrics = metrics;
        this.outage = outage;
        this.opening = opening;
    }

    Opening opening() {
        return opening;
    }

    /** Whether the message is refused for it; nothing is counted by this. */
    boolean isRefusal(Inquiry.Outcome outcome) {
        HookAnswer answer = outcome.answer() == null ? forFailure(outcome) : outcome.answer();
        return answer.refusal() != null;
    }

    /**
     * Counts an outcome, and gives what it means.
     *
     * @param took nanoseconds
     */
    HookAnswer judge(Inquiry.Outcome outcome, long now, long took) {
        HookAnswer answer = outcome.answer();
        metrics.answered(listener, hook.name(), answer == null ? "failed" : answer.result(), took / 1e9);
        if (answer != null) {
            outage.answered(now);
            return answer;
        }
        outage.failed(outcome.failure(), now);
        return forFailure(outcome);
    }

    private HookAnswer forFailure(Inquiry.Outcome outcome) {
        return outcome.defers() || hook.onFailure() == Hook.OnFailure.DEFER ? DEFERRED : HookAnswer.ACCEPTED;
    }
}
