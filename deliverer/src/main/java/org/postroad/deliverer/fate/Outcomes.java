package org.postroad.deliverer.fate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;
import org.postroad.deliverer.delivery.SuccessReport;
import org.postroad.schemas.Recipient;

/** What has been decided of each recipient of one delivery; an outcome, once there, stays. */
public final class Outcomes {
    private final List<Recipient> recipients;
    private final @Nullable Outcome[] outcomes;

    public Outcomes(List<Recipient> recipients) {
        this.recipients = recipients;
        this.outcomes = new Outcome[recipients.size()];
    }

    int size() {
        return outcomes.length;
    }

    /** Those without an outcome. */
    public int[] open() {
        return IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] == null)
                .toArray();
    }

    public void judge(int recipient, @Nullable Outcome outcome) {
        outcomes[recipient] = outcomes[recipient] == null ? outcome : outcomes[recipient];
    }

    /** An outcome, or null for none yet, for each of these. */
    public void judge(int[] who, List<@Nullable Outcome> each) {
        for (int i = 0; i < each.size(); i++) {
            judge(who[i], each.get(i));
        }
    }

    public void judgeOpen(Outcome outcome) {
        for (int i = 0; i < outcomes.length; i++) {
            judge(i, outcome);
        }
    }

    public boolean isAllOpen() {
        for (Outcome outcome : outcomes) {
            if (outcome != null) {
                return false;
            }
        }
        return true;
    }

    public boolean isAllJudged() {
        for (Outcome outcome : outcomes) {
            if (outcome == null) {
                return false;
            }
        }
        return true;
    }

    /** Whether someone may get a bounce or another report, which shows the header section. */
    public boolean needsHeader(boolean expired) {
        for (int i = 0; i < outcomes.length; i++) {
            Outcome outcome = outcomes[i];
            if (outcome instanceof Outcome.Bounced
                    || expired && outcome instanceof Outcome.Deferred
                    || outcome != null && SuccessReport.isDue(recipients.get(i), outcome)) {
                return true;
            }
        }
        return false;
    }

    /** All of them, in the envelope's order. */
    public List<RecipientOutcome> all() {
        List<RecipientOutcome> all = new ArrayList<>(outcomes.length);
        for (int i = 0; i < outcomes.length; i++) {
            Outcome outcome = outcomes[i];
            if (outcome == null) {
                throw new IllegalStateException("no outcome for recipient " + i);
            }
            all.add(new RecipientOutcome(recipients.get(i), outcome));
        }
        return all;
    }
}
