package org.postroad.deliverer;

import java.util.List;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.retry.RecoveryChannel;
import org.postroad.deliverer.retry.RetryReader;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Policy;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.ControlReader;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Policies;

/**
 * What a deliverer does with what is said on the control topic; called by its reader's thread.
 *
 * @param limits of the configuration file
 * @param dispatch gives its event loops the limits that hold now
 * @param recoveries hears which destinations have recovered
 * @param retries hears what operators want done with waiting mail
 */
public record ControlListener(
        List<Limit> limits, Dispatch dispatch, RecoveryChannel recoveries, RetryReader retries, IgnoredPolicies ignored)
        implements ControlReader.Listener {
    @Override
    public void changed(Policies policies) {
        dispatch.limits(new Limits(limits, policies, ignored));
    }

    @Override
    public boolean follows(Aspect aspect) {
        return aspect == Aspect.LIMIT || aspect == Aspect.SUSPEND || aspect == Aspect.HOLD;
    }

    @Override
    public void heard(Policy record) {
        recoveries.heard(record);
        try {
            Job job = Job.of(record);
            if (job != null) {
                retries.heard(job);
            }
        } catch (IllegalArgumentException e) {
            ignored.say(record.getAspect() + ":" + record.getSubject(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void takenBack(String key) {
        retries.takenBack(key);
    }

    @Override
    public void turn() {
        recoveries.turn();
    }
}
