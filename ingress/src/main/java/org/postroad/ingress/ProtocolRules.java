package org.postroad.ingress;

import java.util.List;
import java.util.function.Predicate;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;

/** Whose sessions are written down, as policies about {@link Aspect#PROTOCOL_LOG} say; immutable. */
public final class ProtocolRules {
    static final ProtocolRules NONE = new ProtocolRules(List.of());

    private final List<Predicate<Admission>> wanted;

    private ProtocolRules(List<Predicate<Admission>> wanted) {
        this.wanted = wanted;
    }

    /** One that means nothing is ignored. */
    public static ProtocolRules of(Policies policies, IgnoredPolicies ignored) {
        List<Predicate<Admission>> wanted = policies.read(
                Aspect.PROTOCOL_LOG, settings -> subject(settings.policy().subject()), ignored);
        return wanted.isEmpty() ? NONE : new ProtocolRules(wanted);
    }

    /**
     * Reads {@code *}, {@code listener=NAME}, {@code client=NETWORK} or {@code user=NAME}.
     *
     * @throws IllegalArgumentException with words for the operator for anything else
     */
    static Predicate<Admission> subject(String text) {
        if (text.equals("*")) {
            return client -> true;
        }
        int equals = text.indexOf('=');
        String name = text.substring(equals + 1);
        return switch (equals < 0 || name.isEmpty() ? "" : text.substring(0, equals)) {
            case "listener" -> client -> client.listener().name().equals(name);
            case "client" -> {
                Network network = Network.parse(name);
                yield client -> network.contains(client.address());
            }
            case "user" -> client -> name.equals(client.user());
            default ->
                throw new IllegalArgumentException(
                        "about " + text + ": wanted is *, listener=NAME, client=NETWORK or user=NAME");
        };
    }

    boolean cover(Admission client) {
        for (Predicate<Admission> one : wanted) {
            if (one.test(client)) {
                return true;
            }
        }
        return false;
    }
}
