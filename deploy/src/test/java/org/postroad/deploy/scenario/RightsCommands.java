package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

/** Every command that asks a cluster, each as the user of its own. */
final class RightsCommands {
    private final RightsScene scene;

    RightsCommands(RightsScene scene) {
        this.scene = scene;
    }

    /** Each as its user; of jobs those that a command ends by itself, since no deliverer runs. */
    void whileMailWaits(String queueId) throws IOException {
        assertThat(scene.succeed(KafkaUser.REPLAY_DRY_RUN, "replay", "--from", "failed", "--all", "--dry-run"))
                .contains("would replay 1 recipients");
        assertThat(scene.succeed(KafkaUser.REPLAY, "replay", "--from", "failed", "--all"))
                .contains("replayed 1 recipients");
        assertThat(scene.succeed(KafkaUser.FLUSH_DRY_RUN, "flush", "--all", "--dry-run"))
                .contains("would flush");
        assertThat(scene.succeed(KafkaUser.FLUSH, "flush", "--domain", "none.test", "--limit", "5"))
                .contains("flushed 0 recipients");
        assertThat(scene.succeed(KafkaUser.RELEASE_DRY_RUN, "release", "--all", "--dry-run"))
                .contains("would release");
        assertThat(scene.succeed(KafkaUser.RELEASE, "release", "--domain", "none.test", "--limit", "5"))
                .contains("released 0 recipients");
        assertThat(scene.succeed(KafkaUser.BOUNCE_DRY_RUN, "bounce", "--all", "--dry-run"))
                .contains("would bounce");
        assertThat(scene.succeed(KafkaUser.BOUNCE, "bounce", "--domain", "none.test", "--limit", "5"))
                .contains("bounced 0 recipients");
        assertThat(scene.succeed(KafkaUser.REPLAY_WAITING_DRY_RUN, "replay", "--from", "retry", "--all", "--dry-run"))
                .contains("would replay");
        assertThat(scene.succeed(KafkaUser.REPLAY_WAITING_DRY_RUN, "replay", "--from", "held", "--all", "--dry-run"))
                .contains("would replay");
        assertThat(scene.succeed(
                        KafkaUser.REPLAY_WAITING, "replay", "--from", "held", "--domain", "none.test", "--limit", "5"))
                .contains("replayed 0 recipients");
        assertThat(scene.succeed(
                        KafkaUser.REPLAY_WAITING, "replay", "--from", "retry", "--domain", "none.test", "--limit", "5"))
                .contains("replayed 0 recipients");
        assertThat(scene.succeed(KafkaUser.DROP_DRY_RUN, "drop", "--all", "--dry-run"))
                .contains("would drop");
        assertThat(scene.succeed(KafkaUser.DROP, "drop", "--domain", "none.test", "--limit", "5"))
                .contains("dropped 0 recipients");
        String job = unfinishedJob();
        assertThat(scene.succeed(KafkaUser.JOBS, "jobs")).contains(job);
        assertThat(scene.succeed(KafkaUser.JOB_CANCEL, "job", job, "--cancel")).contains("cancelled");
        assertThat(scene.succeed(KafkaUser.POLICY_SET, "policy", "set", "limit:d0.test", "connections=3"))
                .contains("limit:d0.test");
        assertThat(scene.succeed(KafkaUser.POLICY_LIST, "policy", "list")).contains("limit:d0.test");
        assertThat(scene.succeed(KafkaUser.POLICY_UNSET, "policy", "unset", "limit:d0.test"))
                .contains("taken back");
        assertThat(scene.succeed(KafkaUser.POLICY_LIST, "config", "show")).contains("# taken back  limit:d0.test");
        assertThat(scene.succeed(KafkaUser.LEDGER, "ledger")).contains("balanced");
        assertThat(scene.succeed(KafkaUser.TRACE, "trace", queueId))
                .contains("delivered to now@d0.test", "due, not routed yet: never@d0.test");
    }

    /** One that no deliverer is there to do. */
    private String unfinishedJob() {
        try (Cluster cluster = scene.reading()) {
            Jobs jobs = new Jobs(cluster, new KnownSchemas(), Clock.systemUTC());
            Job job = jobs.plan(Job.Action.FLUSH, Jobs.Place.RETRY, Selector.of(Map.of("domain", "none.test")), "", "");
            jobs.issue(job);
            return job.id();
        }
    }

    /** Once deliverers do what they say. */
    void jobs() throws IOException {
        succeed(KafkaUser.FLUSH, "flushed", "flush");
        succeed(KafkaUser.RELEASE, "released", "release");
        succeed(KafkaUser.BOUNCE, "bounced", "bounce");
        succeed(KafkaUser.DROP, "dropped", "drop");
        succeed(KafkaUser.REPLAY_WAITING, "replayed", "replay", "--from", "held");
    }

    private void succeed(KafkaUser user, String done, String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of("--domain", "none.test"));
        assertThat(scene.succeed(user, line.toArray(String[]::new))).contains(done + " 0 recipients");
    }
}
