package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Ledger;
import org.postroad.deploy.operator.Mails;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What operators do with mail that waits, while the command that they gave and the node that does it are killed. */
@Tag("broker")
@Tag("long")
class JobsScenarioTest {
    private static final int EACH = 60;
    private static final List<String> DESTINATIONS = List.of("a.test", "b.test", "c.test");
    private static final int ALL = EACH * 3;
    private static final String DEFERRED = "postroad_deliverer_outcomes_total{outcome=\"deferred\",}";

    /** Longer than two commands take, as a rule. */
    private static final Duration HELD = Duration.ofSeconds(10);

    /** Nothing of it would move by itself while this runs. */
    private static final String DELAYS = "[1h]";

    @Test
    void whatWaitsIsTriedNowOnceWhoeverIsKilled(@TempDir Path directory) throws Exception {
        Script greylisting = Script.accepting().rcptFirst(1, "*", "451 4.7.1 Come back later");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(greylisting);
                StandaloneProcess standalone = new StandaloneProcess(
                        directory,
                        "[{domain: \"*\", to: [\"127.0.0.1:%d\"], tls: none}]".formatted(exchanger.port()),
                        DELAYS)) {
            standalone.start();
            List<String> queueIds = submit(standalone);
            Road.await(() -> standalone.metric(DEFERRED), count -> count >= ALL);

            assertThat(flush(standalone, "--destination", "b.test", "--dry-run"))
                    .startsWith("would flush 60 recipients of 60 messages\n      60  b.test\n")
                    .contains("u0@b.test  451 Come back later");
            assertThat(flush(standalone, "--code", "5.*.*", "--dry-run")).startsWith("would flush 0 recipients");
            assertThat(exchanger.counts().mails()).isZero();

            assertThat(flush(standalone, "--destination", "b.test", "--limit", "10"))
                    .contains("flushed 10 recipients of 10 messages");
            assertThat(exchanger.awaitMails(10, Road.PATIENCE)).hasSize(10);

            try (PostroadProcess command = PostroadProcess.launch(
                    directory.resolve("flush.log"),
                    "flush",
                    "--domain",
                    "a.test",
                    "--config",
                    standalone.configFile().toString())) {
                command.awaitSaid("job ");
                command.kill();
                standalone.kill();
            }
            standalone.start();
            flush(standalone, "--domain", "a.test");
            Road.await(() -> arrived(exchanger, "a.test"), count -> count == EACH);
            assertThat(arrived(exchanger, "b.test")).as("no other mail").isEqualTo(10);
            assertThat(arrived(exchanger, "c.test")).isZero();

            assertThat(flush(standalone, "--all")).contains("flushed 110 recipients of 110 messages");
            Road.await(() -> arrived(exchanger, "b.test") + arrived(exchanger, "c.test"), count -> count == 2 * EACH);
            assertThat(flush(standalone, "--all")).contains("flushed 0 recipients of 0 messages");
            assertThat(standalone.settledLedger().terms().named())
                    .containsEntry("accepted", (long) ALL)
                    .containsEntry("delivered", (long) ALL);
            assertThat(Commands.run(
                                    "trace",
                                    queueIds.get(0),
                                    "--config",
                                    standalone.configFile().toString())
                            .out())
                    .contains("released u0@a.test", "delivered to u0@a.test");
        }
    }

    @Test
    void whatIsHeldGoesOnWhenItIsReleased(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger)) {
            QueueIds queueIds = new QueueIds(Clock.systemUTC(), new Random(3));
            for (String destination : DESTINATIONS) {
                hold(road, destination, Mails.envelope(queueIds.next(), "u@" + destination, "v@" + destination));
            }
            assertThat(run(road.configFile(), "release", "--all", "--dry-run"))
                    .startsWith("would release 6 recipients of 3 messages");
            assertThat(run(road.configFile(), "release", "--domain", "b.test"))
                    .contains("released 2 recipients of 1 messages");
            Road.await(() -> arrived(exchanger, "b.test"), count -> count == 2);
            assertThat(road.settledLedger().named()).containsEntry("held", 4L).containsEntry("delivered", 2L);
            assertThat(run(road.configFile(), "release", "--all")).contains("released 4 recipients of 2 messages");
            assertThat(run(road.configFile(), "release", "--all")).contains("released 0 recipients of 0 messages");
            String[] jobs = run(road.configFile(), "jobs").split("\n", -1);
            assertThat(jobs[0])
                    .contains("done       0 recipients of 0 messages")
                    .contains("release --all");
            assertThat(jobs[1]).contains("done       4 recipients of 2 messages");
            assertThat(jobs[2])
                    .contains("done       2 recipients of 1 messages")
                    .contains("release --domain b.test");
            assertThat(run(road.configFile(), "job", jobs[2].substring(0, 12), "--cancel", "--json"))
                    .contains("\"state\":\"done\"");
            assertThat(road.settledLedger().named()).containsEntry("held", 0L).containsEntry("delivered", 6L);
            assertThat(exchanger.counts().mails()).isEqualTo(3);
        }
    }

    @Test
    void whatIsGivenUpIsReportedOrNotAndCanBeReplayed(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger)) {
            QueueIds queueIds = new QueueIds(Clock.systemUTC(), new Random(3));
            for (String destination : DESTINATIONS) {
                hold(road, destination, Mails.envelope(queueIds.next(), "u@" + destination, "v@" + destination));
            }
            assertThat(run(road.configFile(), "bounce", "--domain", "a.test", "--reason", "the domain has moved"))
                    .contains("bounced 2 recipients of 1 messages");
            assertThat(exchanger.awaitMails(1, Road.PATIENCE)).singleElement().satisfies(report -> {
                assertThat(report.recipientAddresses()).containsExactly("sender@sender.test");
                assertThat(report.contentText())
                        .contains("given up by the operator of this system: the domain has moved");
            });
            assertThat(run(road.configFile(), "drop", "--domain", "b.test"))
                    .contains("dropped 2 recipients of 1 messages");
            assertThat(run(road.configFile(), "drop", "--domain", "b.test")).contains("dropped 0 recipients");
            assertThat(road.settledLedger().named())
                    .containsEntry("failed", 2L)
                    .containsEntry("dropped", 2L)
                    .containsEntry("held", 2L)
                    .containsEntry("delivered", 1L);
            assertThat(run(road.configFile(), "replay", "--from", "failed", "--domain", "b.test"))
                    .contains("replayed 2 recipients of 1 messages");
            Road.await(() -> arrived(exchanger, "b.test"), count -> count == 2);
            assertThat(road.settledLedger().named()).containsEntry("delivered", 3L);
        }
    }

    /** RFC 4865: neither a release nor a flush sends what its sender wants to be sent later. */
    @Test
    void noJobSendsMailBeforeItsTime(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger);
                Cluster cluster = new Cluster(road.kafka(), road.topics())) {
            String queueId = new QueueIds(Clock.systemUTC(), new Random(3)).next();
            Instant due = Instant.now().plus(HELD);
            hold(
                    road,
                    "a.test",
                    Envelope.newBuilder(Mails.envelope(queueId, "u@a.test"))
                            .setNotBefore(due.toEpochMilli())
                            .setRequires(FutureRelease.required())
                            .build());
            assertThat(run(road.configFile(), "release", "--all")).contains("released 1 recipients of 1 messages");
            Road.await(
                    () -> new Ledger(cluster, new KnownSchemas(), read -> {})
                            .balance()
                            .terms()
                            .named(),
                    terms -> terms.getOrDefault("waiting", 0L) == 1 || terms.getOrDefault("delivered", 0L) == 1);
            assertThat(run(road.configFile(), "flush", "--all")).contains("flushed 0 recipients of 0 messages");
            assertThat(exchanger.awaitMails(1, Road.PATIENCE))
                    .singleElement()
                    .satisfies(mail -> assertThat(mail.receivedAt()).isAfterOrEqualTo(due));
            assertThat(road.settledLedger().named()).containsEntry("delivered", 1L);
        }
    }

    private static void hold(Road road, String destination, Envelope mail) {
        byte[] queueId = mail.getQueueId().getBytes(UTF_8);
        byte[] held = new Codec<>(Envelope.class, new KnownSchemas()).encode(mail);
        byte[] accepted =
                Event.of(Event.Kind.ACCEPTED, 1, mail, mail.getRecipients()).toJson();
        try (KafkaProducer<byte[], byte[]> writer =
                new KafkaProducer<>(road.kafka().producer("test"))) {
            var unusedEvent =
                    writer.send(new ProducerRecord<>(road.topics().events().name(), queueId, accepted));
            var unusedMail =
                    writer.send(new ProducerRecord<>(road.topics().held().name(), destination.getBytes(UTF_8), held));
        }
    }

    private static List<String> submit(StandaloneProcess standalone) throws IOException {
        List<String> queueIds = new ArrayList<>();
        try (SmtpClient client = SmtpClient.connect(standalone.smtp())) {
            for (String destination : DESTINATIONS) {
                for (int i = 0; i < EACH; i++) {
                    queueIds.add(client.send(
                            "sender@home.test", List.of("u" + i + "@" + destination), "Subject: x\r\n\r\nHello\r\n"));
                }
            }
        }
        return queueIds;
    }

    private static String flush(StandaloneProcess standalone, String... words) {
        List<String> all = new ArrayList<>(List.of("flush"));
        all.addAll(List.of(words));
        return run(standalone.configFile().toString(), all.toArray(new String[0]));
    }

    private static String run(String configFile, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--config", configFile));
        Commands.Answer answer = Commands.run(all.toArray(new String[0]));
        assertThat(answer.code()).as(answer.toString()).isZero();
        return answer.out();
    }

    /** Recipients of a destination that have their mail, each counted once: what was past its dot at a kill may come twice. */
    private static int arrived(ScriptedExchanger exchanger, String destination) {
        Set<String> recipients = new HashSet<>();
        for (ReceivedMail mail : exchanger.mails()) {
            mail.recipientAddresses().stream()
                    .filter(address -> address.endsWith("@" + destination))
                    .forEach(recipients::add);
        }
        return recipients.size();
    }
}
