package org.postroad.deploy.operator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.Limits;
import org.postroad.ingress.ProtocolRules;
import org.postroad.router.RouteRules;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Policy;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

/**
 * The policies that the control topic has at one instant, and what becomes of each, by the very readers that the roles have.
 */
public final class PolicyBook {
    /** What has become of a policy. */
    public enum State {
        IN_FORCE("in force"),
        ENDED("ended"),
        TAKEN_BACK("taken back"),
        IGNORED("ignored");

        private final String words;

        State(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * One policy.
     *
     * @param policy null where nodes cannot tell what it is
     * @param remark why it is ignored, or what of it; empty where nothing is
     */
    public record Entry(String key, Policy record, @Nullable StandingPolicy policy, State state, String remark) {}

    /** What the configuration file says, over which policies go. */
    public record File(List<Limit> limits, List<ConfiguredRoute> routes, List<RollUp> rollUps) {
        /** As if all mail had a configured route: whether that is so is no fault of a value. */
        static final File OF_ANY = new File(
                List.of(),
                List.of(new ConfiguredRoute(
                        RouteRules.EVERY_DOMAIN, List.of(new Exchanger("any.invalid", 0, 0, TlsPolicy.OPPORTUNISTIC)))),
                List.of());
    }

    private final File file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Policies inForce;

    /** @param records of the control topic, by key; those that are no policies are passed over */
    public PolicyBook(File file, Map<String, Policy> records, long nowMillis) {
        this.file = file;
        new TreeMap<>(records).forEach((key, record) -> add(key, record, nowMillis));
        inForce = new Policies(entries.values().stream()
                .filter(entry -> entry.state() == State.IN_FORCE)
                .flatMap(entry -> Stream.ofNullable(entry.policy()))
                .sorted(Comparator.comparingLong(StandingPolicy::atMillis).thenComparing(StandingPolicy::key))
                .toList());
        IgnoredPolicies ignored = read(inForce);
        Set<String> rollUps = rollUps();
        for (StandingPolicy policy : inForce.all()) {
            String why = ignored.why(policy.key());
            String misspelt = why == null ? misspelt(policy, rollUps) : why;
            if (misspelt != null) {
                entries.put(policy.key(), new Entry(policy.key(), policy.toRecord(), policy, State.IGNORED, misspelt));
            }
        }
    }

    private void add(String key, Policy record, long nowMillis) {
        Aspect aspect = Aspect.of(record.getAspect());
        Set<String> unknown = IgnoredPolicies.untold().note(record);
        if (aspect == null) {
            if (unknown.contains(record.getAspect())) {
                entries.put(
                        key, new Entry(key, record, null, State.IGNORED, "this version knows nothing of that kind"));
            }
            return;
        }
        try {
            StandingPolicy policy = StandingPolicy.of(aspect, record);
            if (!policy.key().equals(key)) {
                throw new IllegalArgumentException("its key is not that of what it says");
            }
            State over = policy.isTakenBack() ? State.TAKEN_BACK : State.ENDED;
            String remark = unknown.isEmpty()
                    ? ""
                    : "ignores " + unknown.stream().sorted().collect(Collectors.joining(", "));
            entries.put(
                    key, new Entry(key, record, policy, policy.isInForce(nowMillis) ? State.IN_FORCE : over, remark));
        } catch (IllegalArgumentException e) {
            entries.put(key, new Entry(key, record, null, State.IGNORED, String.valueOf(e.getMessage())));
        }
    }

    /** All, by key. */
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** What the topic has of a key. */
    public @Nullable Entry entry(String key) {
        return entries.get(key);
    }

    /** The limits that hold, with who decided them. */
    public Limits limits() {
        return new Limits(file.limits(), inForce, IgnoredPolicies.untold());
    }

    /** The routes and roll-ups that hold, with who decided them. */
    public RouteRules rules() {
        return new RouteRules(file.routes(), file.rollUps(), inForce, IgnoredPolicies.untold());
    }

    /** The destinations that roll-ups make. */
    public Set<String> rollUps() {
        return Stream.concat(
                        file.rollUps().stream().map(RollUp::destination),
                        inForce.all().stream()
                                .filter(policy -> policy.aspect() == Aspect.ROLL_UP)
                                .map(policy -> policy.settings().getOrDefault("destination", "")))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Why nodes would ignore a policy, whatever else there is; null where its values mean something. */
    public static @Nullable String fault(StandingPolicy policy) {
        return new PolicyBook(File.OF_ANY, Map.of(), 0).faultBesideOthers(policy);
    }

    /** Why they would ignore it beside the others that are in force; null where they would not. */
    public @Nullable String faultBesideOthers(StandingPolicy policy) {
        List<StandingPolicy> all = new ArrayList<>(inForce.all());
        all.removeIf(other -> other.key().equals(policy.key()));
        all.add(policy);
        return read(new Policies(all)).why(policy.key());
    }

    private IgnoredPolicies read(Policies policies) {
        IgnoredPolicies ignored = IgnoredPolicies.untold();
        new Limits(file.limits(), policies, ignored);
        new RouteRules(file.routes(), file.rollUps(), policies, ignored);
        ProtocolRules.of(policies, ignored);
        return ignored;
    }

    /** Destinations are found by the very text. */
    private static @Nullable String misspelt(StandingPolicy policy, Set<String> rollUps) {
        String meant = policy.aspect().isOfDestination()
                ? PolicyWords.subject(policy.aspect(), policy.key(), rollUps)
                : policy.subject();
        return policy.subject().equals(meant)
                ? null
                : "no destination is written so" + (meant == null ? "" : "; did you mean " + meant + "?");
    }
}
