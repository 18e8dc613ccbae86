package org.postroad.deliverer.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.postroad.deliverer.content.HeaderSection;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of one destination that have left its queues, and how each ends, once: with an outcome for each recipient, or given back.
 *
 * <p>Confined to its loop. Whatever is thrown while one of them is moved on ends in {@link #fault}, so no delivery is lost to it.
 */
final class ActiveAttempts {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveAttempts.class);
    private static final String LEAVES = "its partition left this node";
    private static final String STOPS = "its destination is suspended";

    private final LoopParts parts;
    private final Slots slots;
    private final Runnable look;
    private final Set<Attempt> active = new LinkedHashSet<>();
    private long endedAt;

    /** @param look when another message may have its turn */
    ActiveAttempts(LoopParts parts, Slots slots, Runnable look) {
        this.parts = parts;
        this.slots = slots;
        this.look = look;
        this.endedAt = parts.now();
    }

    boolean isEmpty() {
        return active.isEmpty();
    }

    /** When the last one ended. */
    long endedAt() {
        return endedAt;
    }

    /** It has left its queue. */
    void add(Attempt attempt) {
        active.add(attempt);
    }

    /** It goes back to its queue: it was not tried after all. */
    void remove(Attempt attempt) {
        slots.release(attempt);
        active.remove(attempt);
    }

    /** Partitions leave this node: what is past the dot is waited for, everything else goes back. */
    void revoke(Predicate<OpenDelivery> leaves) {
        of(leaves).forEach(attempt -> leave(attempt, LEAVES));
    }

    /** No more time: what is past the dot ends in doubt. */
    void abandon(Predicate<OpenDelivery> leaves) {
        for (Attempt attempt : of(leaves)) {
            leave(attempt, LEAVES);
            SmtpConnection connection = attempt.state().connection();
            if (connection != null) {
                connection.abort(LEAVES);
            }
        }
    }

    /** Nothing more is sent: what is past the dot is waited for, everything else has this outcome. */
    void stop(Outcome outcome) {
        for (Attempt attempt : of(open -> true)) {
            attempt.stop(outcome);
            if (!attempt.isJudged()) {
                leave(attempt, STOPS);
            }
        }
    }

    /** Each of them may end at once. */
    private List<Attempt> of(Predicate<OpenDelivery> leaves) {
        return active.stream().filter(attempt -> leaves.test(attempt.open())).toList();
    }

    private void leave(Attempt attempt, String why) {
        attempt.leave();
        AttemptState state = attempt.state();
        if (!(state instanceof AttemptState.Sending sending)) {
            giveBack(attempt);
        } else if (!sending.transaction().isDotSent()) {
            giveBack(attempt);
            if (!sending.transaction().isRiding()) {
                sending.connection().abort(why);
            }
        }
    }

    /** Unstarted, as it came, unless it was stopped; what has outcomes already keeps them. */
    void giveBack(Attempt attempt) {
        if (attempt.isEnded()) {
            return;
        }
        Outcome instead = attempt.instead();
        if (attempt.outcomes.isAllOpen() && instead == null) {
            complete(attempt, Completion.givenBack(attempt.open()));
        } else {
            attempt.outcomes.judgeOpen(instead == null ? new Outcome.Untried(Duration.ZERO, LEAVES) : instead);
            completeWith(attempt, HeaderSection.NONE);
        }
    }

    void finishWith(Attempt attempt, Outcome outcome) {
        attempt.outcomes.judgeOpen(outcome);
        finish(attempt);
    }

    /** Every recipient has its outcome; a bounce wants the header section, which may have to be read. */
    void finish(Attempt attempt) {
        if (attempt.isJudged() || attempt.isEnded()) {
            return;
        }
        attempt.judged();
        slots.release(attempt);
        if (attempt.outcomes.needsHeader(attempt.isExpired(parts.nowMillis()))) {
            HeaderSection.read(
                    attempt.envelope(),
                    parts.node().content(),
                    parts.loop(),
                    header -> guarded(attempt, () -> completeWith(attempt, header)));
        } else {
            completeWith(attempt, HeaderSection.NONE);
        }
    }

    private void completeWith(Attempt attempt, ByteBuffer header) {
        if (attempt.isEnded()) {
            return; // given back while the header was read
        }
        List<RecipientOutcome> all = attempt.outcomes.all();
        all.forEach(one -> parts.metrics().outcome(one.outcome()));
        complete(attempt, new Completion(attempt.open(), all, header));
    }

    private void complete(Attempt attempt, Completion completion) {
        assert !attempt.isEnded() : "a second end of " + attempt.envelope().getQueueId();
        if (attempt.isEnded()) {
            parts.metrics().doubleCompletion();
            return;
        }
        attempt.end();
        slots.release(attempt);
        active.remove(attempt);
        endedAt = parts.now();
        look.run();
        parts.node().completions().complete(completion);
    }

    void guarded(Attempt attempt, Runnable step) {
        try {
            step.run();
        } catch (Throwable bug) {
            fault(attempt, bug);
        }
    }

    /** An exception nobody foresaw: the delivery comes back, and is not to blame. */
    void fault(Attempt attempt, Throwable bug) {
        LOG.atError()
                .setCause(bug)
                .addKeyValue("queueId", attempt.envelope().getQueueId())
                .log("unforeseen exception in a delivery");
        if (!attempt.isEnded()) {
            SmtpConnection connection = attempt.state().connection();
            attempt.outcomes.judgeOpen(FailurePolicy.fault(bug, said(attempt)));
            completeWith(attempt, HeaderSection.NONE);
            if (connection != null) {
                connection.abort("unforeseen exception");
            }
        }
    }

    ReplySource said(Attempt attempt) {
        return attempt.said(parts.nowMillis());
    }
}
