package org.postroad.deliverer.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.PolicySettings;
import org.postroad.schemas.policy.Selector;
import org.postroad.schemas.policy.StandingPolicy;

/** Which mail operators want to be held rather than sent, from when it comes to a deliverer until they release it. Immutable. */
public final class Holds {
    /** How the reason of every such event begins. */
    public static final String WORDS = "held by an operator";

    /** Nothing is. */
    public static final Holds NONE = new Holds(Policies.NONE, IgnoredPolicies.untold());

    private record Hold(Selector selector, StandingPolicy policy) {
        static Hold of(PolicySettings settings) {
            return new Hold(Selector.parse(settings.policy().subject()), settings.policy());
        }

        String why() {
            return WORDS + " (" + policy.key() + ")" + (policy.reason().isEmpty() ? "" : ": " + policy.reason());
        }

        /** What an operator let go on since it was decided is past it: saying it again holds that too. */
        boolean fits(Envelope envelope, Delivery delivery) {
            return policy.atMillis() > Envelopes.letPastMillis(envelope)
                    && selector.fits(
                            envelope,
                            delivery.getDomain(),
                            delivery.getDestination(),
                            envelope.getReceived().getAt());
        }
    }

    private final List<Hold> all;

    Holds(Policies policies, IgnoredPolicies ignored) {
        all = policies.read(Aspect.HOLD, Hold::of, ignored);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Why the mail of its recipients is to be held, by their index; those whose is not are not there. */
    public Map<Integer, String> why(Delivery delivery) {
        Envelope envelope = delivery.getEnvelope();
        Map<Integer, String> why = new TreeMap<>();
        List<Hold> its =
                all.stream().filter(hold -> hold.fits(envelope, delivery)).toList();
        List<Recipient> recipients = envelope.getRecipients();
        for (int i = 0; i < recipients.size() && !its.isEmpty(); i++) {
            String reason = why(its, recipients.get(i));
            if (reason != null) {
                why.put(i, reason);
            }
        }
        return why;
    }

    private static @Nullable String why(List<Hold> holds, Recipient recipient) {
        for (Hold hold : holds) {
            if (hold.selector().fits(recipient)) {
                return hold.why();
            }
        }
        return null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Holds holds && all.equals(holds.all);
    }

    @Override
    public int hashCode() {
        return Objects.hash(all);
    }
}
