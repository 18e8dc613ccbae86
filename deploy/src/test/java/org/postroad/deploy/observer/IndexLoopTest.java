package org.postroad.deploy.observer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.prometheus.client.CollectorRegistry;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.operator.StoredEvent;

/** What becomes of those who ask a loop that has ended, or that has not begun. */
class IndexLoopTest {
    @TempDir
    Path directory = Path.of("");

    /** A loop of a cluster that nobody has. */
    private IndexLoop loop(Clock clock) {
        return new IndexLoop(
                new IndexLoop.Parts(
                        directory,
                        Duration.ofDays(35),
                        Duration.ofDays(5),
                        clock,
                        new ObserverMetrics(new CollectorRegistry())),
                new MockConsumer<>("none"),
                new EventsTopic(Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1")), "events"));
    }

    /** Something that nobody foresaw. */
    private static final class FaultyClock extends Clock {
        @Override
        public java.time.ZoneId getZone() {
            return java.time.ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public java.time.Instant instant() {
            throw new LinkageError("a fault");
        }
    }

    @Test
    void whoeverAsksALoopThatAnErrorEndedIsRefused() {
        IndexLoop loop = loop(new FaultyClock());
        List<RuntimeException> failures = new ArrayList<>();
        assertThat(loop.ask(answers -> new HashMap<>(), (answer, failure) -> failures.add(failure)))
                .isTrue();
        assertThatThrownBy(loop::run).isInstanceOf(LinkageError.class);
        assertThat(failures).hasSize(1).doesNotContainNull();
        assertThat(loop.ask(answers -> new HashMap<>(), (answer, failure) -> failures.add(failure)))
                .isFalse();
    }

    @Test
    void nobodyFollowsAnIndexThatIsStillCatchingUp() {
        IndexLoop loop = loop(Clock.systemUTC());
        IndexLoop.Follower follower = new IndexLoop.Follower() {
            @Override
            public boolean event(StoredEvent event, byte[] json) {
                return true;
            }

            @Override
            public void ended() {
                // it was told of nothing
            }
        };
        assertThatThrownBy(() -> loop.follow(follower)).hasMessageContaining("has not all events yet");
        loop.stop();
        loop.run();
    }

    @Test
    void whoeverWaitsForAnAnswerStaysAndWhoDoesNotAskGivesWay() throws Exception {
        IndexLoop loop = loop(Clock.systemUTC());
        List<Socket> silent = new ArrayList<>();
        AdminRequests requests = new AdminRequests(loop, List.of(), "this", Clock.systemUTC());
        try (AdminServer server = AdminServer.start(new InetSocketAddress("127.0.0.1", 0), requests);
                Socket asked = connected(server)) {
            asked.getOutputStream()
                    .write("GET /v1/queue HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            awaitQuestion(loop);
            for (int i = 0; i < 64; i++) {
                silent.add(connected(server));
            }
            assertThat(silent.get(0).getInputStream().read()).isEqualTo(-1);
            loop.stop();
            loop.run(); // answers with a refusal
            InputStream answer = asked.getInputStream();
            assertThat(new String(answer.readNBytes(12), java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 503");
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    private static Socket connected(AdminServer server) throws Exception {
        Socket socket = new Socket();
        socket.setSoTimeout(60_000);
        socket.connect(server.address(), 60_000);
        return socket;
    }

    /** Until the request was read: then there is one question fewer to be asked. */
    private static void awaitQuestion(IndexLoop loop) {
        while (loop.waiting() == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whoeverFollowsReadsAnEmptyLineNowAndThen() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        AdminServer.begin(channel, false);
        HttpResponse begun = channel.readOutbound();
        assertThat(begun.status()).isEqualTo(HttpResponseStatus.OK);
        channel.advanceTimeBy(AdminServer.LINE_EVERY_SECONDS, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        HttpContent line = channel.readOutbound();
        assertThat(line.content().toString(java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("\n");
        line.release();
        channel.close();
    }
}
