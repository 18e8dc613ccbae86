package org.postroad.deliverer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Delivery;
import org.postroad.testkit.DelayingProxy;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A deliverer behind a Kafka whose every answer comes seconds late. */
@Tag("broker")
@Tag("long")
class SlowKafkaTest {
    /** A commit is several answers, one after another, and a mail is fetched before; only a hang takes so long. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final int MAILS = 50;

    @Test
    void makesDeliverySlowerAndNeitherStopsNorDoublesIt(@TempDir Path data) throws Exception {
        try (DelayingProxy proxy = DelayingProxy.start();
                EmbeddedBroker broker = EmbeddedBroker.start(
                        data, 0, Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:" + proxy.port()));
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting())) {
            proxy.leadTo(Integer.parseInt(broker.bootstrapServers().split(":")[1]));
            try (Road road = new Road("127.0.0.1:" + proxy.port(), "slow.")) {
                Deliverer deliverer = road.deliverer();
                deliver(road, exchanger, 0);
                long round = 1;
                for (long delay : new long[] {2, 3}) {
                    proxy.delay(Duration.ofSeconds(delay));
                    for (int i = 0; i < 4; i++) {
                        double before = commits(road);
                        deliver(road, exchanger, round++);
                        // Each within seconds of the one before, though a commit alone takes longer than its lease.
                        Road.await(() -> commits(road) > before, PATIENCE);
                    }
                    assertThat(road.metric("postroad_deliverer_commit_seconds_sum"))
                            .as("commits that were really slow")
                            .isGreaterThan((double) delay);
                }
                proxy.delay(Duration.ZERO);
                deliverer.close();
                List<String> all = LongStream.range(0, MAILS * round)
                        .mapToObj(Samples::queueId)
                        .toList();
                assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(all);
                assertThat(exchanger.mails()).hasSize(all.size());
                assertThat(road.written(road.topics.events().name()))
                        .as("no transaction was aborted but maybe one whose limit had to grow")
                        .isLessThanOrEqualTo(all.size() + MAILS);
            }
        }
    }

    private static double commits(Road road) {
        return road.metric("postroad_deliverer_commit_seconds_count");
    }

    private static void deliver(Road road, ScriptedExchanger exchanger, long round) {
        List<Delivery> mails = LongStream.range(MAILS * round, MAILS * (round + 1))
                .mapToObj(i -> Samples.delivery(
                        Samples.envelope(Samples.queueId(i), Samples.recipient("r" + i + "@b.test")), exchanger.port()))
                .toList();
        road.sendAll(mails);
        Road.await(() -> exchanger.counts().mails() >= MAILS * (round + 1), PATIENCE);
    }
}
