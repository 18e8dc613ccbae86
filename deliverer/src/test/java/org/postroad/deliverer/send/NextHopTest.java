package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What mail needs and a next hop does not offer, or no command can say. */
class NextHopTest {
    private static final String A = "a@example.test";

    @Test
    void whatThisHopDoesNotOfferIsNotSent() throws Exception {
        Script script = Script.accepting().capabilities("PIPELINING", "SIZE 20");
        try (ScriptedExchanger small = ScriptedExchanger.start(script);
                ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().capabilities("PIPELINING"));
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(small, A))).containsEntry(A, "bounced 552 5.3.4");
            String local = "j\u00fcrgen@example.test";
            Deliveries utf8 = to(exchanger, local)
                    .smtpUtf8(org.postroad.schemas.Body.EIGHT_BIT_MIME)
                    .towards("other.test");
            assertThat(world.fates(utf8)).containsEntry(local, "bounced 553 5.6.7");
            String name = "a@b\u00fccher.test";
            Deliveries domain = to(exchanger, name)
                    .smtpUtf8(org.postroad.schemas.Body.EIGHT_BIT_MIME)
                    .towards("other.test");
            assertThat(world.fates(domain)).containsEntry(name, "delivered 250 2.0.0");
            ReceivedMail mail = exchanger.mails().get(0);
            assertThat(mail.recipientAddresses()).containsExactly("a@xn--bcher-kva.test");
            assertThat(mail.mailParameters().strip()).isEmpty();
        }
    }

    @Test
    void anInternationalDomainOfTheReversePathNeedsNoSmtpUtf8() throws Exception {
        Script without = Script.accepting().capabilities("PIPELINING", "8BITMIME");
        try (ScriptedExchanger plain = ScriptedExchanger.start(without);
                ScriptedExchanger modern = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            for (ScriptedExchanger exchanger : List.of(plain, modern)) {
                Deliveries mail =
                        to(exchanger, A).from("info@gr\u00e5.test").smtpUtf8(org.postroad.schemas.Body.SEVEN_BIT);
                assertThat(world.fates(mail)).containsEntry(A, "delivered 250 2.0.0");
                ReceivedMail received = exchanger.mails().get(0);
                assertThat(received.reversePath()).isEqualTo("info@xn--gr-zia.test");
                assertThat(received.mailParameters()).doesNotContain("SMTPUTF8");
            }
            Deliveries local =
                    to(plain, A).from("j\u00fcrgen@gr\u00e5.test").smtpUtf8(org.postroad.schemas.Body.SEVEN_BIT);
            assertThat(world.fates(local)).containsEntry(A, "bounced 553 5.6.7");
        }
    }

    @Test
    void anAddressThatWouldEndACommandNeverEntersOne() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            String evil = "a@example.test>\r\nRCPT TO:<b@example.test";
            assertThat(world.fates(to(exchanger, evil, A)))
                    .isEqualTo(Map.of(evil, "bounced 553 5.1.3", A, "delivered 250 2.0.0"));
            assertThat(world.fates(to(exchanger, A).from("x@y.test> SIZE=1"))).containsEntry(A, "faulted");
            assertThat(exchanger.mails()).hasSize(1);
        }
    }

    private static Deliveries to(ScriptedExchanger exchanger, String... recipients) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), recipients);
    }
}
