package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.schemas.TlsPolicy;
import org.postroad.testkit.Effect;
import org.postroad.testkit.ExchangerCertificate;
import org.postroad.testkit.Point;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** When mail is encrypted, when it may go in clear, and when not at all. */
class TlsTest {
    private static final String A = "a@example.test";
    private static final String DELIVERED = "delivered 250 2.0.0";

    @Test
    void encryptsWhereOfferedAndReusesThatToo() throws Exception {
        Script script = Script.accepting().startTls(ExchangerCertificate.WRONG_NAME);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            world.send(to(exchanger), 30);
            assertThat(fates(world.next(30))).containsOnly(DELIVERED);
            assertThat(exchanger.mails()).allMatch(ReceivedMail::tls);
            assertThat(exchanger.counts().connections()).isEqualTo(1);
        }
    }

    @Test
    void failingTlsGoesInClearOnANewConnectionUnlessItIsRequired() throws Exception {
        List<Effect> failures = List.of(
                Effect.reply("454 4.7.0 not now"), Effect.reply("220 go").then(Effect.close()));
        for (Effect failure : failures) {
            Script script =
                    Script.accepting().startTls(ExchangerCertificate.VALID).at(Point.STARTTLS, failure);
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                    FakeWorld world = FakeWorld.start()) {
                assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED);
                assertThat(exchanger.mails()).noneMatch(ReceivedMail::tls);
                assertThat(exchanger.transcript(1)).noneMatch(line -> line.startsWith("C: MAIL"));
                Deliveries required = Deliveries.to(Deliveries.smarthost(TlsPolicy.REQUIRED, exchanger.port()), A);
                assertThat(world.fates(required).get(A)).startsWith("deferred 451 4.");
                assertThat(exchanger.mails()).hasSize(1);
            }
        }
    }

    @Test
    void whatFailsAfterTheHandshakeOrWhereTlsWorkedIsNeverSentInClear() throws Exception {
        Script tls = Script.accepting().startTls(ExchangerCertificate.VALID);
        AtomicInteger greetings = new AtomicInteger();
        Effect resetOfTheSecond =
                wire -> (greetings.incrementAndGet() % 2 == 0 ? Effect.reset() : Effect.reply("250-x", "250 STARTTLS"))
                        .play(wire);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(tls.at(Point.EHLO, resetOfTheSecond));
                FakeWorld world = FakeWorld.limited(new Limit("*", 1, 1, Duration.ofSeconds(5)))) {
            assertThat(world.fates(to(exchanger))).containsEntry(A, "deferred 451 4.4.2");
            assertThat(exchanger.counts().connections()).isEqualTo(1);
            exchanger.behave(tls);
            assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED);
            exchanger.behave(tls.at(Point.STARTTLS, "454 4.7.0 not now"));
            assertThat(world.fates(to(exchanger))).containsEntry(A, "deferred 451 4.7.0");
            assertThat(exchanger.mails()).allMatch(ReceivedMail::tls);
        }
    }

    @Test
    void aFailedHandshakePermitsClearForThatAttemptOnly() throws Exception {
        Script tls = Script.accepting().startTls(ExchangerCertificate.VALID);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(tls.first(1, Point.STARTTLS, "454 4.7.0 not now"));
                FakeWorld world = FakeWorld.limited(new Limit("*", 1, 1, Duration.ofSeconds(5)))) {
            assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED);
            assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED);
            assertThat(exchanger.mails()).extracting(ReceivedMail::tls).containsExactly(false, true);
        }
    }

    @Test
    void whatFollows220BeforeTlsIsNeverBelieved() throws Exception {
        Effect injected = Effect.reply("220 go", "250-evil", "250 SIZE 1");
        Script script = Script.accepting().startTls(ExchangerCertificate.VALID).at(Point.STARTTLS, injected);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger))).containsEntry(A, "deferred 451 4.5.0");
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @Test
    void verifiedTlsTakesNoCertificateOfAStranger() throws Exception {
        Script script = Script.accepting().startTls(ExchangerCertificate.WRONG_NAME);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            Deliveries verified = Deliveries.to(Deliveries.smarthost(TlsPolicy.VERIFIED, exchanger.port()), A);
            assertThat(world.fates(verified)).containsEntry(A, "deferred 451 4.7.5");
            exchanger.behave(Script.accepting());
            Deliveries required = Deliveries.to(Deliveries.smarthost(TlsPolicy.REQUIRED, exchanger.port()), A);
            assertThat(world.fates(required)).containsEntry(A, "deferred 451 4.7.5");
        }
    }

    private static List<String> fates(List<Completion> completions) {
        return completions.stream()
                .flatMap(one -> FakeWorld.fates(one).values().stream())
                .toList();
    }

    private static Deliveries to(ScriptedExchanger exchanger) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), A);
    }
}
