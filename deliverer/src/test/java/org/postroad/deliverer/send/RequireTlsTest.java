package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.RequireTls;
import org.postroad.schemas.TlsPolicy;
import org.postroad.testkit.Effect;
import org.postroad.testkit.ExchangerCertificate;
import org.postroad.testkit.Point;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;

/** Mail that its sender wants to go by TLS alone, to those who promise the same (RFC 8689). */
class RequireTlsTest {
    private static final String A = "a@example.test";
    private static final String DELIVERED = "delivered 250 2.0.0";
    private static final String UNPROMISED = "bounced 550 5.7.30";
    private static final String NO_TLS = "bounced 550 5.7.10";
    private static final Script PROMISING =
            Script.accepting().startTls(ExchangerCertificate.VALID).offering("REQUIRETLS");

    private static String fate(FakeWorld world, Deliveries delivery) throws InterruptedException {
        world.destinations.start(requiring(delivery));
        return Objects.requireNonNull(FakeWorld.fates(world.next()).get(A));
    }

    private static OpenDelivery requiring(Deliveries delivery) {
        OpenDelivery open = delivery.open(7);
        Envelope envelope = Envelope.newBuilder(open.delivery().getEnvelope())
                .setRequires(RequireTls.with(null, true))
                .build();
        return new OpenDelivery(
                open.partition(),
                open.assignment(),
                open.offset(),
                open.octets(),
                Delivery.newBuilder(open.delivery()).setEnvelope(envelope).build());
    }

    private static Deliveries to(TlsPolicy tls, ScriptedExchanger... exchangers) {
        int[] ports =
                List.of(exchangers).stream().mapToInt(ScriptedExchanger::port).toArray();
        return Deliveries.to(Deliveries.smarthost(tls, ports), A);
    }

    @ParameterizedTest
    @CsvSource({"NONE", "OPPORTUNISTIC", "REQUIRED", "VERIFIED"})
    void goesVerifiedWhateverItsRouteSaysAndIsPromisedTheSame(TlsPolicy tls) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(PROMISING);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(fate(world, to(tls, exchanger))).isEqualTo(DELIVERED);
            ReceivedMail mail = exchanger.mails().get(0);
            assertThat(mail.tls()).isTrue();
            assertThat(mail.mailParameters()).contains("REQUIRETLS");
        }
    }

    @Test
    void isNotSaidOfOtherMail() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(PROMISING);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(world.fates(to(TlsPolicy.VERIFIED, exchanger))).containsEntry(A, DELIVERED);
            assertThat(exchanger.mails().get(0).mailParameters()).doesNotContain("REQUIRETLS");
        }
    }

    @Test
    void failsWhereNoExchangerOffersItAndHarmsNoOtherMail() throws Exception {
        Script silent = Script.accepting().startTls(ExchangerCertificate.VALID);
        try (ScriptedExchanger first = ScriptedExchanger.start(silent);
                ScriptedExchanger second = ScriptedExchanger.start(silent);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            for (int i = 0; i < 3; i++) {
                assertThat(fate(world, to(TlsPolicy.VERIFIED, first, second))).isEqualTo(UNPROMISED);
                assertThat(world.fates(to(TlsPolicy.VERIFIED, first, second))).containsEntry(A, DELIVERED);
            }
            assertThat(first.mails()).hasSize(3);
            assertThat(second.mails()).isEmpty();
        }
    }

    @Test
    void goesToTheFirstExchangerThatOffersIt() throws Exception {
        try (ScriptedExchanger first =
                        ScriptedExchanger.start(Script.accepting().startTls(ExchangerCertificate.VALID));
                ScriptedExchanger second = ScriptedExchanger.start(PROMISING);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, first, second))).isEqualTo(DELIVERED);
            assertThat(first.mails()).isEmpty();
            assertThat(second.mails()).hasSize(1);
        }
    }

    @Test
    void whatWasOfferedBeforeTlsIsNoPromise() throws Exception {
        AtomicInteger greetings = new AtomicInteger();
        Effect onlyInClear = wire -> (greetings.incrementAndGet() % 2 == 1
                        ? Effect.reply("250-x", "250-STARTTLS", "250 REQUIRETLS")
                        : Effect.reply("250 x"))
                .play(wire);
        Script script = Script.accepting().startTls(ExchangerCertificate.VALID).at(Point.EHLO, onlyInClear);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, exchanger))).isEqualTo(UNPROMISED);
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"WRONG_NAME, WRONG_NAME", "VALID, WRONG_NAME", "EXPIRED, VALID"})
    void neverGoesToWhoeverProvesNoName(ExchangerCertificate shown, ExchangerCertificate trusted) throws Exception {
        Script script = Script.accepting().startTls(shown).offering("REQUIRETLS");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.trusting(trusted)) {
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, exchanger))).isEqualTo(NO_TLS);
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @Test
    void neverGoesInClear() throws Exception {
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().offering("REQUIRETLS"));
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, exchanger))).isEqualTo(NO_TLS);
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @Test
    void waitsForWhatMayBeWellLater() throws Exception {
        Script notNow = PROMISING.at(Point.STARTTLS, "454 4.7.0 not now");
        Script busy = PROMISING.at(Point.CONNECT, "421 4.3.2 busy");
        Script silent = Script.accepting().startTls(ExchangerCertificate.VALID);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(notNow);
                ScriptedExchanger other = ScriptedExchanger.start(busy);
                ScriptedExchanger unpromising = ScriptedExchanger.start(silent);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID)) {
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, exchanger))).startsWith("deferred 451 4.7.0");
            assertThat(fate(
                            world,
                            to(TlsPolicy.OPPORTUNISTIC, other, unpromising).towards("b.test")))
                    .startsWith("deferred ");
            assertThat(unpromising.mails()).isEmpty();
        }
    }

    @Test
    void aNameThatDnsAloneHasGivenIsNotProven() throws Exception {
        try (ZoneDns dns = ZoneDns.start("localhost. 60 IN A 127.0.0.1\n");
                ScriptedExchanger exchanger = ScriptedExchanger.start(PROMISING);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID, dns.address())) {
            Deliveries found = Deliveries.to(Deliveries.exchangers(exchanger.port(), "localhost"), A);
            assertThat(fate(world, found)).isEqualTo(NO_TLS);
            assertThat(exchanger.mails()).isEmpty();
            assertThat(fate(world, found.towards("localhost")))
                    .as("the domain itself")
                    .isEqualTo(DELIVERED);
        }
    }

    @Test
    void aReportIsNotLostForLackOfPromisesAndYetNeverInClear() throws Exception {
        Script stranger =
                Script.accepting().startTls(ExchangerCertificate.WRONG_NAME).offering("REQUIRETLS");
        try (ZoneDns dns = ZoneDns.start("mx.test. 60 IN A 127.0.0.1\n");
                ScriptedExchanger exchanger = ScriptedExchanger.start(stranger);
                ScriptedExchanger clear = ScriptedExchanger.start(Script.accepting());
                ScriptedExchanger promising = ScriptedExchanger.start(PROMISING);
                FakeWorld world = FakeWorld.trusting(ExchangerCertificate.VALID, dns.address())) {
            Deliveries report = Deliveries.to(Deliveries.exchangers(exchanger.port(), "mx.test"), A)
                    .from("");
            assertThat(fate(world, report)).isEqualTo(DELIVERED);
            assertThat(exchanger.mails().get(0).tls()).isTrue();
            assertThat(exchanger.mails().get(0).mailParameters()).doesNotContain("REQUIRETLS");
            assertThat(fate(world, to(TlsPolicy.OPPORTUNISTIC, clear).from("").towards("b.test")))
                    .startsWith("deferred 451 4.7.5");
            assertThat(clear.mails()).isEmpty();
            assertThat(fate(world, to(TlsPolicy.VERIFIED, promising).from("").towards("c.test")))
                    .isEqualTo(DELIVERED);
            assertThat(promising.mails().get(0).mailParameters()).contains("REQUIRETLS");
        }
    }
}
