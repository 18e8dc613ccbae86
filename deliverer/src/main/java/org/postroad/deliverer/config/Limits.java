package org.postroad.deliverer.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.PolicySettings;
import org.postroad.schemas.policy.StandingPolicy;

/**
 * Which limit holds for each destination, and who decided it: the file's first row that matches, and over it what policies set; and
 * whether anything is sent to it at all, or is held. Immutable.
 *
 * <p>A policy about every destination changes what the file says of every one, so a row of the file about one destination stays as it is.
 * A policy about one destination goes before all that.
 */
public final class Limits {
    private static final String EVERY = "*";
    private static final String CONNECTIONS = "connections";
    private static final String MESSAGES = "messages-per-connection";
    private static final String IDLE = "idle";

    private final List<Limit> file;
    private final Map<String, Change> changes = new HashMap<>();
    private final Map<String, Suspension> suspensions = new HashMap<>();
    private final Holds holds;

    /** What one policy sets; null for what it leaves. */
    private record Change(
            StandingPolicy policy,
            @Nullable Integer connections,
            @Nullable Integer messages,
            @Nullable Duration idle) {

        static Change of(PolicySettings settings) {
            return new Change(
                    settings.policy(), settings.count(CONNECTIONS), settings.count(MESSAGES), settings.duration(IDLE));
        }

        Limit over(Limit limit) {
            return new Limit(
                    limit.destination(),
                    connections == null ? limit.connections() : connections,
                    messages == null ? limit.messagesPerConnection() : messages,
                    idle == null ? limit.idle() : idle);
        }

        void tell(Map<String, StandingPolicy> decided) {
            if (connections != null) {
                decided.put(CONNECTIONS, policy);
            }
            if (messages != null) {
                decided.put(MESSAGES, policy);
            }
            if (idle != null) {
                decided.put(IDLE, policy);
            }
        }
    }

    /** As nobody has changed anything. */
    public Limits(List<Limit> file) {
        this(file, Policies.NONE, new IgnoredPolicies());
    }

    /** @param file first match wins; {@link Limit#DEFAULT} where none does */
    public Limits(List<Limit> file, Policies policies, IgnoredPolicies ignored) {
        this.file = List.copyOf(file);
        for (Change change : policies.read(Aspect.LIMIT, Change::of, ignored)) {
            changes.put(change.policy().subject(), change);
        }
        policies.read(Aspect.SUSPEND, PolicySettings::policy, ignored)
                .forEach(policy -> suspensions.put(policy.subject(), Suspension.of(policy)));
        holds = new Holds(policies, ignored);
    }

    public Limit of(String destination) {
        Limit limit = inFile(destination);
        for (Change change : changesOf(destination, limit)) {
            limit = change.over(limit);
        }
        return limit;
    }

    /** Which policy decided what of a destination's limit, by the name of the setting; the file decided what is not there. */
    public Map<String, StandingPolicy> decided(String destination) {
        Map<String, StandingPolicy> decided = new TreeMap<>();
        changesOf(destination, inFile(destination)).forEach(change -> change.tell(decided));
        return decided;
    }

    /** Why nothing is sent to a destination now; null where mail is. What is said of one goes before what is said of every one. */
    public @Nullable Suspension suspension(String destination) {
        Suspension own = suspensions.get(destination);
        return own == null ? suspensions.get(EVERY) : own;
    }

    /** What is held of all mail. */
    public Holds holds() {
        return holds;
    }

    private Limit inFile(String destination) {
        return file.stream().filter(row -> row.matches(destination)).findFirst().orElse(Limit.DEFAULT);
    }

    /** The later ones go over the earlier ones. */
    private List<Change> changesOf(String destination, Limit inFile) {
        Change ofEvery = inFile.destination().equals(EVERY) ? changes.get(EVERY) : null;
        return Stream.of(ofEvery, changes.get(destination))
                .filter(Objects::nonNull)
                .toList();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Limits limits
                && file.equals(limits.file)
                && changes.equals(limits.changes)
                && suspensions.equals(limits.suspensions)
                && holds.equals(limits.holds);
    }

    @Override
    public int hashCode() {
        return Objects.hash(file, changes, suspensions, holds);
    }
}
