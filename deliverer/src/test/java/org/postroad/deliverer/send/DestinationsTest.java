package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What becomes of each recipient, whatever an exchanger on the other side of a real connection does. */
class DestinationsTest {
    private static final String A = "a@example.test";
    private static final String B = "b@example.test";
    private static final String C = "c@example.test";

    /** Too much for the flight that carries the dot. */
    private static final Object LARGE = Deliveries.inline("Subject: large\r\n\r\n" + "0123456789\r\n".repeat(20_000));

    @Test
    void deliversOctetForOctetBelowTheLinesWeAdd() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "delivered 250 2.0.0"));
            ReceivedMail mail = exchanger.mails().get(0);
            assertThat(mail.contentText()).isEqualTo("Received: by test\r\n" + Deliveries.CONTENT);
            assertThat(mail.reversePath()).isEqualTo("alice@sender.test");
        }
    }

    @Test
    void threeRecipientsHaveThreeFatesInOneTransaction() throws Exception {
        Script script = Script.accepting().rcpt("b@*", "451 4.2.1 later").rcpt("c@*", "550 5.1.1 unknown");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            Map<String, String> fates = world.fates(to(exchanger, A, B, C));
            assertThat(fates)
                    .isEqualTo(Map.of(A, "delivered 250 2.0.0", B, "deferred 451 4.2.1", C, "bounced 550 5.1.1"));
            assertThat(exchanger.mails().get(0).recipientAddresses()).containsExactly(A);
        }
    }

    @Test
    void goesInLockStepWherePipeliningIsNotOffered() throws Exception {
        Script script = Script.accepting().capabilities("SIZE 1000000").rcpt("b@*", "550 no");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            Map<String, String> fates = world.fates(to(exchanger, A, B));
            assertThat(fates).isEqualTo(Map.of(A, "delivered 250 2.0.0", B, "bounced 550 5.0.0"));
        }
    }

    @Test
    void speaksHeloWhereEhloIsRefused() throws Exception {
        Script script = Script.accepting().first(1, Point.EHLO, "502 5.5.1 what");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "delivered 250 2.0.0"));
            assertThat(exchanger.transcript(1)).contains("C: HELO mail.sender.test");
        }
    }

    @Test
    void recipientsThatDoNotFitGoInAnotherTransactionAtOnce() throws Exception {
        Script script = Script.accepting().rcptFirst(1, "b@*", "452 4.5.3 too many");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            Map<String, String> fates = world.fates(to(exchanger, A, B));
            assertThat(fates).isEqualTo(Map.of(A, "delivered 250 2.0.0", B, "delivered 250 2.0.0"));
            assertThat(exchanger.mails()).hasSize(2);
            assertThat(exchanger.counts().connections()).isEqualTo(1);
        }
    }

    @Test
    void resetsAfterATransactionThatNobodyWasAcceptedIn() throws Exception {
        Script script = Script.accepting().rcpt("b@*", "550 5.1.1 unknown");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, B))).isEqualTo(Map.of(B, "bounced 550 5.1.1"));
            assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "delivered 250 2.0.0"));
            assertThat(exchanger.counts().connections()).isEqualTo(1);
        }
    }

    @Test
    void anExchangerThatKeepsARefusedTransactionCostsOthersNothing() throws Exception {
        for (String words :
                List.of("503 5.5.1 nested MAIL", "501 5.5.1 no", "554 sender already specified", "503 no")) {
            AtomicInteger mails = new AtomicInteger();
            Effect secondIsNested = wire ->
                    (mails.incrementAndGet() == 2 ? Effect.reply(words) : Effect.reply("250 2.1.0 ok")).play(wire);
            Script script =
                    Script.accepting().first(1, Point.DOT, "554 5.6.0 no").at(Point.MAIL, secondIsNested);
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                    FakeWorld world = FakeWorld.start()) {
                assertThat(world.fates(to(exchanger, A))).containsEntry(A, "bounced 554 5.6.0");
                assertThat(world.fates(to(exchanger, B))).containsEntry(B, "delivered 250 2.0.0");
                assertThat(exchanger.transcript(1)).contains("C: RSET");
                assertThat(exchanger.counts().connections()).isEqualTo(2);
            }
        }
    }

    @Test
    void sendsALoneDotWhenNobodyIsAcceptedButDataIs() throws Exception {
        Script script = Script.accepting().rcpt("b@*", "550 5.1.1 unknown").first(1, Point.DATA, "354 go on");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, B))).isEqualTo(Map.of(B, "bounced 550 5.1.1"));
            assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "delivered 250 2.0.0"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"CONNECT", "EHLO", "MAIL", "RCPT", "DATA"})
    void aConnectionLostBeforeTheDotGoesToTheNextExchanger(Point point) throws Exception {
        for (Effect drop : List.of(Effect.close(), Effect.reset(), Effect.halfReply("250 2.0.0 perhaps"))) {
            try (ScriptedExchanger first =
                            ScriptedExchanger.start(Script.accepting().at(point, drop));
                    ScriptedExchanger second = ScriptedExchanger.start(Script.accepting());
                    FakeWorld world = FakeWorld.start()) {
                Deliveries delivery = Deliveries.to(Deliveries.smarthost(first.port(), second.port()), A, B);
                Map<String, String> fates = world.fates(delivery);
                assertThat(fates).isEqualTo(Map.of(A, "delivered 250 2.0.0", B, "delivered 250 2.0.0"));
                assertThat(second.mails()).hasSize(1);
            }
        }
    }

    @Test
    void aConnectionLostAfterTheDotIsInDoubtForTheAcceptedOnly() throws Exception {
        Script script = Script.accepting().rcpt("b@*", "550 5.1.1 unknown");
        for (Effect drop : List.of(Effect.close(), Effect.halfReply("250 2.0.0 perhaps"), Effect.reply("garbage"))) {
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(script.at(Point.DOT, drop));
                    ScriptedExchanger second = ScriptedExchanger.start(Script.accepting());
                    FakeWorld world = FakeWorld.start()) {
                Deliveries delivery = Deliveries.to(Deliveries.smarthost(exchanger.port(), second.port()), A, B);
                assertThat(world.fates(delivery)).isEqualTo(Map.of(A, "in doubt 451 4.4.2", B, "bounced 550 5.1.1"));
                assertThat(second.mails()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"MAIL", "RCPT", "DATA", "DOT"})
    void a421DefersWhatIsPending(Point point) throws Exception {
        Script script =
                Script.accepting().at(point, Effect.reply("421 4.3.2 closing").then(Effect.close()));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A, B)))
                    .isEqualTo(Map.of(A, "deferred 421 4.3.2", B, "deferred 421 4.3.2"));
        }
    }

    @Test
    void theReplyToTheDotDecidesForAllAccepted() throws Exception {
        Map<String, String> replies =
                Map.of("451 4.3.0 later", "deferred 451 4.3.0", "554 5.6.0 no", "bounced 554 5.6.0");
        for (Map.Entry<String, String> reply : replies.entrySet()) {
            try (ScriptedExchanger exchanger =
                            ScriptedExchanger.start(Script.accepting().at(Point.DOT, reply.getKey()));
                    FakeWorld world = FakeWorld.start()) {
                assertThat(world.fates(to(exchanger, A, B)))
                        .isEqualTo(Map.of(A, reply.getValue(), B, reply.getValue()));
            }
        }
    }

    @Test
    void aRefusalInTheMiddleOfTheContentIsRead() throws Exception {
        Script script = Script.accepting().at(Point.CONTENT, wire -> {
            wire.write("552 5.3.4 enough\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            wire.close();
        });
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A).with(LARGE))).isEqualTo(Map.of(A, "bounced 552 5.3.4"));
        }
    }

    @Test
    void whatIsNoReplyReachesTheOutcomeInItsOwnWords() throws Exception {
        List<String> banners =
                List.of("220-x ESMTP\r\n521 5.7.1 client blocked for rate\r\n", "client blocked for rate\r\n");
        for (String banner : banners) {
            Effect effect = Effect.raw(banner.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            try (ScriptedExchanger exchanger =
                            ScriptedExchanger.start(Script.accepting().at(Point.CONNECT, effect));
                    FakeWorld world = FakeWorld.start()) {
                world.send(to(exchanger, A));
                Outcome outcome = world.next().outcomes().get(0).outcome();
                assertThat(outcome.toString()).contains("client blocked for rate");
            }
        }
    }

    @Test
    void aRefusedSiteIsNeverABounce() throws Exception {
        for (Point point : List.of(Point.CONNECT, Point.EHLO)) {
            Script script = Script.accepting().at(point, "554 5.7.1 not you");
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                    FakeWorld world = FakeWorld.start()) {
                assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "deferred 554 5.7.1"));
            }
        }
    }

    @Test
    void anUnaskedReplyIsNeverTakenForAnother() throws Exception {
        for (Point point : List.of(Point.CONNECT, Point.EHLO, Point.RCPT, Point.DATA)) {
            String usual = Map.of(Point.CONNECT, "220 hello", Point.EHLO, "250 hello", Point.DATA, "354 go")
                    .getOrDefault(point, "250 ok");
            Effect twice = Effect.reply(usual).then(Effect.reply("250 2.0.0 unasked"));
            try (ScriptedExchanger exchanger =
                            ScriptedExchanger.start(Script.accepting().at(point, twice));
                    FakeWorld world = FakeWorld.start()) {
                assertThat(world.fates(to(exchanger, A))).isEqualTo(Map.of(A, "deferred 451 4.5.0"));
                assertThat(exchanger.mails()).isEmpty();
            }
        }
    }

    @Test
    void aDeadExchangerDefersAndItsMailDoesNotWaitInLine() throws Exception {
        int port = deadPort();
        try (FakeWorld world = FakeWorld.start()) {
            Deliveries delivery = Deliveries.to(Deliveries.smarthost(port), A);
            assertThat(world.fates(delivery)).isEqualTo(Map.of(A, "deferred 451 4.4.1"));
            assertThat(world.metrics.getSampleValue(
                            "postroad_deliverer_reply_seconds_count",
                            new String[] {"stage", "result"},
                            new String[] {"connect", "failed"}))
                    .isPositive();
            assertThat(world.fates(delivery)).isEqualTo(Map.of(A, "deferred 451 4.4.1"));
            world.send(delivery, Backlog.RECORDS + 10);
            List<Completion> overflowed = world.next(10);
            assertThat(overflowed).allSatisfy(one -> assertThat(one.outcomes())
                    .allSatisfy(o -> assertThat(o.outcome()).isInstanceOf(Outcome.Untried.class)));
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            int rest = Backlog.RECORDS;
            assertThat(world.next(rest).stream().filter(Completion::isGivenBack).count())
                    .isGreaterThan(rest - 5L);
        }
    }

    @Test
    void aDeadExchangerBesideALivingOneCostsNothingButTime() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            Deliveries delivery = Deliveries.to(Deliveries.smarthost(deadPort(), exchanger.port()), A);
            world.send(delivery, 100);
            assertThat(world.next(100))
                    .allSatisfy(one -> assertThat(FakeWorld.fates(one)).containsEntry(A, "delivered 250 2.0.0"));
        }
    }

    @Test
    void aProbeFindsTheExchangerAgain() throws Exception {
        Script refusing = Script.accepting().at(Point.CONNECT, "421 4.3.2 down");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(refusing);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A))).containsEntry(A, "deferred 421 4.3.2");
            assertThat(world.fates(to(exchanger, A))).containsEntry(A, "deferred 421 4.3.2");
            exchanger.behave(Script.accepting());
            world.send(to(exchanger, A), 50);
            assertThat(world.next(50))
                    .allSatisfy(one -> assertThat(FakeWorld.fates(one)).containsEntry(A, "delivered 250 2.0.0"));
        }
    }

    @Test
    void mailIsKeptForOpenConnectionsWhereNoMoreAreWanted() throws Exception {
        Script script = Script.accepting()
                .maxConnections(3)
                .at(Point.DOT, Effect.delay(Duration.ofMillis(5), Effect.reply("250 2.0.0 ok")));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(20))) {
            world.send(to(exchanger, A), 300);
            assertThat(world.next(300))
                    .allSatisfy(one -> assertThat(FakeWorld.fates(one)).containsEntry(A, "delivered 250 2.0.0"));
        }
    }

    @Test
    void neverOpensMoreConnectionsThanTheLimit() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(4))) {
            world.send(to(exchanger, A), 1_000);
            world.next(1_000);
            assertThat(exchanger.counts().maxOpenConnections()).isBetween(2L, 4L);
        }
    }

    @Test
    void aGreylistedMailIsDeferredAndDeliveredLater() throws Exception {
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().rcptFirst(1, "*", "450 4.7.1 greylisted"));
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger, A))).containsEntry(A, "deferred 450 4.7.1");
            assertThat(world.fates(to(exchanger, A))).containsEntry(A, "delivered 250 2.0.0");
        }
    }

    @Test
    void mailRefusedForWhatWeAreStopsBouncing() throws Exception {
        Script script = Script.accepting().at(Point.MAIL, "550 5.7.1 not by our policy");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            List<String> fates = new ArrayList<>();
            for (int i = 0; i < FailurePolicy.SUSPICIOUS_RUN + 1; i++) {
                fates.add(String.valueOf(world.fates(to(exchanger, A)).get(A)));
            }
            assertThat(fates.subList(0, FailurePolicy.SUSPICIOUS_RUN)).containsOnly("bounced 550 5.7.1");
            assertThat(fates.get(FailurePolicy.SUSPICIOUS_RUN)).isEqualTo("deferred 550 5.7.1");
        }
    }

    @Test
    void mailThatHearsWordsAboutUsIsDeferredWhateverTheirStatus() throws Exception {
        Script script =
                Script.accepting().rcpt("*", "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            for (int i = 0; i < FailurePolicy.CERTAIN_RUN; i++) {
                assertThat(world.fates(to(exchanger, A))).containsEntry(A, "deferred 504 5.5.2");
            }
            assertThat(world.metrics.getSampleValue("postroad_deliverer_suspensions_total"))
                    .isEqualTo(1);
        }
    }

    private static Deliveries to(ScriptedExchanger exchanger, String... recipients) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), recipients);
    }

    private static int deadPort() throws IOException {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
