package org.postroad.deploy.command;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.deploy.operator.PolicyBook.State;
import org.postroad.router.RouterConfig;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.StandingPolicy;

/** The control topic as a command reads and changes it. Every method blocks, for 20 s at most where Kafka does not answer. */
final class PolicyTopic {
    /** As long as events are kept: for so long one can ask who changed what. */
    private static final Duration KEPT = Duration.ofDays(30);

    private final ControlTopic control;
    private final PolicyBook.File file;
    private final Clock clock;

    private PolicyTopic(Cluster cluster, PolicyBook.File file, Clock clock) {
        cluster.partitions(List.of(cluster.topics().control().name())); // says in one line what is missing
        this.control = new ControlTopic(cluster.kafka(), cluster.topics(), new KnownSchemas(IgnoredPolicies.untold()));
        this.file = file;
        this.clock = clock;
    }

    /** Does some work on the topic of the cluster that the configuration names. */
    static <T> T on(ConfigOption config, KafkaUser user, Clock clock, Function<PolicyTopic, T> work) {
        Configuration configuration = config.load();
        RouterConfig router = configuration.router(Path.of(""));
        PolicyBook.File file =
                new PolicyBook.File(configuration.deliverer().limits(), router.routes(), router.rollUps());
        return config.onCluster(user, cluster -> work.apply(new PolicyTopic(cluster, file, clock)));
    }

    /** Before the first change: whoever reads it may be older. */
    void prepare() {
        control.publishSchemas();
    }

    PolicyBook read() {
        return new PolicyBook(file, control.read(), clock.millis());
    }

    /** Writes a policy, and answers what stands then: another operator may have been later. */
    PolicyBook change(StandingPolicy policy, PolicyBook before) {
        control.write(List.of(policy.toRecord()));
        forget(before, policy.key());
        return read();
    }

    /** Ends one; what nobody can read goes without a trace of who did it. */
    PolicyBook end(PolicyBook.Entry entry, String why, String who, PolicyBook before) {
        StandingPolicy policy = entry.policy();
        if (policy == null) {
            control.remove(List.of(entry.key()));
            return read();
        }
        return change(policy.takenBack(why, who, clock.millis()), before);
    }

    /** Takes away what ended long ago, which else every node would read at every start for ever. */
    private void forget(PolicyBook book, String butOf) {
        long oldest = clock.millis() - KEPT.toMillis();
        List<String> old = book.entries().stream()
                .filter(entry -> entry.state() == State.ENDED || entry.state() == State.TAKEN_BACK)
                .filter(entry -> !entry.key().equals(butOf))
                .filter(entry -> entry.policy() != null
                        && Math.max(entry.policy().untilMillis(), entry.policy().atMillis()) < oldest)
                .map(PolicyBook.Entry::key)
                .toList();
        if (!old.isEmpty()) {
            control.remove(old);
        }
    }
}
