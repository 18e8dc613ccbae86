package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.hook.HookAddress;

/** Who gets the connections to a milter, and for how long. */
class MilterConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String MAIL = "Subject: s\r\n\r\ntext\r\n";
    private static final String TAKEN = "250 2.0.0 queued as ";
    private static final String REFUSED = "550 5.7.1 Message refused by policy";
    private static final String FAILED = "451 4.7.1 Cannot check the message now, try again later";
    private static final int SILENT = 0x80 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x40000 | 0x80000;
    private static final int ALL = 64;
    private static final int FOR_WHAT_ARRIVES = 48;

    private final List<SmtpClient> clients = new ArrayList<>();

    @AfterEach
    void hangUp() throws Exception {
        for (SmtpClient client : clients) {
            client.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Hook.OnFailure.class)
    void clientsThatSayNothingAfterDataHaveNone(Hook.OnFailure onFailure) throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('E', "r");
                HookedNode node = HookedNode.relay(hook(milter, SHORT, onFailure))) {
            begin(2 * ALL, node, "");
            assertThat(node.answerTo(MAIL)).isEqualTo(REFUSED);
            assertThat(milter.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Hook.OnFailure.class)
    void clientsThatDoNotEndLeaveSomeForMailThatHasArrived(Hook.OnFailure onFailure) throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('E', "r");
                HookedNode node = HookedNode.relay(hook(milter, LONG, onFailure))) {
            begin(ALL, node, MAIL + HookedNode.lines(20_000));
            HookedNode.await("as many as may are open", () -> milter.connections.get() == FOR_WHAT_ARRIVES);
            assertThat(node.answerTo(MAIL)).isEqualTo(REFUSED);
        }
    }

    @Test
    void clientsThatStandStillLoseTheirsToWhoeverWaits() throws Exception {
        String large = MAIL + HookedNode.lines(400_000);
        try (FakeMilter milter = new FakeMilter();
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.ACCEPT))) {
            begin(FOR_WHAT_ARRIVES, node, MAIL + HookedNode.lines(20_000));
            HookedNode.await("as many as may are open", () -> milter.connections.get() == FOR_WHAT_ARRIVES);
            assertThat(node.answerTo(large)).startsWith(TAKEN);
            int deferred = 0;
            for (SmtpClient client : clients) {
                client.say(".\r\n");
                String reply = client.reply();
                assertThat(reply).satisfiesAnyOf(r -> assertThat(r).startsWith(TAKEN), r -> assertThat(r)
                        .isEqualTo(FAILED));
                deferred += reply.equals(FAILED) ? 1 : 0;
            }
            assertThat(deferred).isBetween(1, FOR_WHAT_ARRIVES - 1);
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    /** More large mail than connections: all of it is asked about. */
    @Test
    void largeMailWaitsForOneAndIsNotFailed() throws Exception {
        String large = MAIL + HookedNode.lines(100_000);
        try (FakeMilter milter = new FakeMilter().stopAt('N');
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.ACCEPT))) {
            begin(ALL + 6, node, large);
            HookedNode.await("as many as may are open", () -> milter.connections.get() == FOR_WHAT_ARRIVES);
            milter.release();
            for (SmtpClient client : clients) {
                client.say(".\r\n");
            }
            for (SmtpClient client : clients) {
                assertThat(client.reply()).startsWith(TAKEN);
            }
            assertThat(node.answers("m", "accept")).isEqualTo(ALL + 6);
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    /** One that reads nothing would not read our last word either. */
    @Test
    void oneThatReadsNothingIsClosedAtOnce() throws Exception {
        String large = MAIL + HookedNode.lines(20_000_000);
        try (FakeMilter milter = new FakeMilter().wants(SILENT).stopAt('B');
                HookedNode node = HookedNode.relay(hook(milter, SHORT, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(large)).isEqualTo(FAILED);
            milter.release();
            HookedNode.await("it is closed", () -> milter.ended.get() == 1);
            assertThat(milter.heard).doesNotContain("Q");
        }
    }

    /** Certificates and users are read again by the one thread that Netty has for all the world. */
    @Test
    void whoLooksUpItsNameWaitsForNobody() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (FakeMilter milter = new FakeMilter();
                HookedNode node = HookedNode.relay(new Hook(
                        "m", null, HookAddress.ofMilter("localhost:" + milter.port()), LONG, Hook.OnFailure.DEFER))) {
            GlobalEventExecutor.INSTANCE.execute(() -> {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            } finally {
                released.countDown();
            }
        }
    }

    /** What it has said then is no verdict, and nothing else comes. */
    @Test
    void oneThatSkipsTheEndHasFailed() throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('E', "s");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
        }
    }

    @Test
    void oneThatWantsToHearNothingHasItsTimeLimitAllTheSame() throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('L', "p").answer('N', "p");
                HookedNode node = HookedNode.relay(hook(milter, SHORT, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
        }
    }

    /** Begins messages, each in a session of its own, and sends so much of their content. */
    private void begin(int count, HookedNode node, String content) throws Exception {
        for (int i = 0; i < count; i++) {
            SmtpClient client = new SmtpClient(node.address());
            clients.add(client);
            client.say("MAIL FROM:<>\r\n");
            client.reply();
            client.say("RCPT TO:<b@y.example>\r\n");
            client.reply();
            client.say("DATA\r\n");
            client.reply();
            client.say(content);
        }
    }

    private static Hook hook(FakeMilter milter, Duration timeout, Hook.OnFailure onFailure) {
        return HookedNode.milter("m", milter.port(), timeout, onFailure);
    }
}
