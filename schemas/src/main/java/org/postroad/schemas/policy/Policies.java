package org.postroad.schemas.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.postroad.schemas.IgnoredPolicies;

/**
 * What operators have changed since their configuration files, as it is in force at one instant: an immutable snapshot of the control
 * topic. A loop is handed the next one, and looks at no topic.
 *
 * @param all those that were decided later come later
 */
public record Policies(List<StandingPolicy> all) {
    /** Nothing was changed: the file decides. */
    public static final Policies NONE = new Policies(List.of());

    public Policies {
        all = List.copyOf(all);
    }

    /**
     * What those about one aspect say, in their order; one that means nothing is ignored as a whole.
     *
     * @param form throws IllegalArgumentException, with words for the operator, for settings that mean nothing
     */
    public <T> List<T> read(Aspect aspect, Function<PolicySettings, T> form, IgnoredPolicies ignored) {
        List<T> read = new ArrayList<>();
        for (StandingPolicy policy : all) {
            if (policy.aspect() == aspect) {
                try {
                    read.add(form.apply(new PolicySettings(policy)));
                } catch (IllegalArgumentException e) {
                    ignored.say(policy.key(), String.valueOf(e.getMessage()));
                }
            }
        }
        return read;
    }
}
