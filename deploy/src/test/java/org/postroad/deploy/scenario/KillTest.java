package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.FateCount;
import org.postroad.deploy.operator.Ledger;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGKILL in the middle of the load, again and again. The ordinary build kills twice; {@code -Dpostroad.kills=20
 * -Dpostroad.seed=N} does it for longer, or again.
 */
@Tag("broker")
class KillTest {
    private static final Logger LOG = LoggerFactory.getLogger(KillTest.class);
    private static final int KILLS = Integer.getInteger("postroad.kills", 2);
    private static final long SEED = Long.getLong("postroad.seed", System.nanoTime());

    @Test
    void whatGotA250ArrivesAndOnlyWhatWasInDoubtArrivesTwice(@TempDir Path directory) throws Exception {
        Random random = new Random(SEED);
        long inDoubt = 0;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                StandaloneProcess standalone = new StandaloneProcess(
                        directory,
                        "[{domain: \"*\", to: [\"127.0.0.1:" + exchanger.port() + "\"], tls: none}]",
                        "[1s, 5s]")) {
            standalone.start();
            NumberedLoad load =
                    new NumberedLoad(standalone.smtp(), () -> exchanger.counts().mails());
            load.start();
            for (int kill = 1; kill <= KILLS; kill++) {
                exchanger.awaitMails(exchanger.counts().mails() + 200 + random.nextInt(1_500), Road.PATIENCE);
                standalone.kill();
                long before = inDoubt;
                inDoubt = deliveredButUncommitted(standalone, exchanger);
                LOG.atInfo()
                        .addKeyValue("kill", kill)
                        .addKeyValue("inDoubt", inDoubt - before)
                        .log("killed");
                standalone.start();
            }
            load.awaitAccepted(load.acceptedCount() + 200);
            Set<Integer> accepted = load.stop();
            Ledger.Balance balance = standalone.settledLedger();

            List<Integer> arrived = exchanger.mails().stream()
                    .map(mail -> NumberedLoad.numberOf(mail.contentText()))
                    .toList();
            Set<Integer> different = arrived.stream().collect(Collectors.toSet());
            long twice = (long) arrived.size() - different.size();
            LOG.atWarn()
                    .addKeyValue("seed", SEED)
                    .addKeyValue("kills", KILLS)
                    .addKeyValue("accepted", accepted.size())
                    .addKeyValue("arrivedTwice", twice)
                    .addKeyValue("inDoubt", inDoubt)
                    .addKeyValue("ledger", balance.terms())
                    .log("killed again and again");
            assertThat(different).as("seed %d", SEED).containsAll(accepted);
            assertThat(twice).as("seed %d", SEED).isLessThanOrEqualTo(inDoubt);
            assertThat(balance.terms().isBalanced())
                    .as("seed %d: %s", SEED, balance.terms())
                    .isTrue();
        }
    }

    /**
     * What the exchanger has and the log does not know of, after all kills so far: what was in doubt at an earlier one has arrived
     * again since, and is known once. The dead process's broker is asked in a new one.
     */
    private static long deliveredButUncommitted(StandaloneProcess standalone, ScriptedExchanger exchanger)
            throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(standalone.data().resolve("kafka"), 0);
                Cluster cluster = StandaloneProcess.cluster(broker.bootstrapServers())) {
            awaitDecided(broker.bootstrapServers());
            FateCount fates = new FateCount(cluster.kafka());
            fates.readTo(cluster.committedSpans(cluster.topics().events().name()), () -> {});
            return exchanger.counts().mails() - fates.of(Event.Kind.DELIVERED);
        }
    }

    /** A transaction that was prepared counts as committed; its markers follow at once. */
    private static void awaitDecided(String bootstrapServers) throws Exception {
        try (Admin admin = Admin.create(KafkaSettings.local(bootstrapServers).admin("kill-test"))) {
            while (admin.listTransactions().all().get().stream()
                    .anyMatch(transaction -> transaction.state() == TransactionState.PREPARE_COMMIT)) {
                new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
            }
        }
    }
}
