package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.content.ContentChunk;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Large mail is few at a time, and never in the way of small mail. */
class LargeMailTest {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 25);
    private static final InetSocketAddress B = new InetSocketAddress("192.0.2.2", 25);
    private static final int CHUNK = 512 * 1024;
    private static final int CHUNKS =
            400; // more than the buffers of sockets hold, of which some systems let one grow to 32 MiB

    private final EmbeddedChannel channel = new EmbeddedChannel();

    /** Zeros, or nothing that ever comes. */
    private record Zeros(boolean comes, CountDownLatch asked) implements ContentSource {
        @Override
        public void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver) {
            asked.countDown();
            if (comes) {
                loop.execute(() -> receiver.chunk(ContentChunk.of(new byte[CHUNK]), false));
            }
        }
    }

    @Test
    void halfOfAnExchangersConnectionsAndSoManyInAll() {
        LargeMail large = new LargeMail(new AddressLimits(100), 3, 10);
        assertThat(large.enter("1", A, 4, 0)).isTrue();
        assertThat(large.enter("2", A, 4, 0)).isTrue();
        assertThat(large.enter("3", A, 4, 0)).as("half of four").isFalse();
        assertThat(large.enter("3", B, 1, 0)).as("one at least").isTrue();
        assertThat(large.enter("4", B, 4, 0)).as("three in all").isFalse();
        assertThat(large.enter("2", B, 4, 0)).as("it only goes elsewhere").isTrue();
        assertThat(large.enter("5", A, 4, 0)).isFalse();
        large.left("1", channel.eventLoop(), 0);
        large.left("1", channel.eventLoop(), 0);
        assertThat(large.enter("5", A, 4, 0)).isTrue();
        assertThat(large.hasRoom(0)).isFalse();
    }

    @Test
    void slowExchangersDoNotKeepLargeMailFromOthersUpToTheLimitOfMemory() {
        LargeMail large = new LargeMail(new AddressLimits(100), 2, 4);
        long later = LargeMail.LONG_NANOS;
        assertThat(large.enter("1", A, 100, 0) && large.enter("2", A, 100, 0)).isTrue();
        assertThat(large.hasRoom(later - 1)).isFalse();
        assertThat(large.enter("3", B, 100, later) && large.enter("4", B, 100, later))
                .isTrue();
        assertThat(large.hasRoom(3 * later)).as("memory").isFalse();
    }

    @Test
    void whoWaitsIsCalledOnceWhenOneHasLeft() {
        LargeMail large = new LargeMail(new AddressLimits(100), 1, 10);
        List<String> called = new ArrayList<>();
        assertThat(large.enter("1", A, 2, 0)).isTrue();
        large.await(() -> called.add("waits"));
        large.left("2", channel.eventLoop(), 0);
        channel.runPendingTasks();
        assertThat(called).isEmpty();
        large.left("1", channel.eventLoop(), 0);
        channel.runPendingTasks();
        large.left("1", channel.eventLoop(), 0);
        channel.runPendingTasks();
        assertThat(called).containsExactly("waits");
    }

    @Test
    void smallMailPassesLargeMailThatIsStuckOnTheWay() throws Exception {
        CountDownLatch asked = new CountDownLatch(3);
        Script script = Script.accepting()
                .capabilities("PIPELINING")
                .rcpt("large@*", Effect.reply("250 2.1.5 ok").then(Effect.stopReading()));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.reading(new Zeros(true, asked))) {
            List<String> domains = List.of("a.test", "b.test", "c.test", "d.test", "e.test", "f.test", "g.test");
            for (int i = 0; i < 70; i++) {
                String domain = domains.get(i % domains.size());
                world.send(Deliveries.to(Deliveries.smarthost(exchanger.port()), "large@" + domain)
                        .towards(domain)
                        .withReference(large()));
            }
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            for (String domain : domains) {
                for (int i = 0; i < 5; i++) {
                    world.send(Deliveries.to(Deliveries.smarthost(exchanger.port()), "small@" + domain)
                            .towards(domain));
                }
            }
            for (int i = 0; i < 5 * domains.size(); i++) {
                assertThat(FakeWorld.fates(world.next()).toString())
                        .contains("small@")
                        .contains("delivered");
            }
            world.abandonAll();
            world.next(70);
        }
    }

    @Test
    void noConnectionIsTakenForContentThatIsNotThere() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.reading(new Zeros(false, asked))) {
            world.send(Deliveries.to(Deliveries.smarthost(exchanger.port()), "large@a.test")
                    .withReference(large()));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            world.send(Deliveries.to(Deliveries.smarthost(exchanger.port()), "small@a.test"));
            assertThat(FakeWorld.fates(world.next())).containsOnlyKeys("small@a.test");
            assertThat(exchanger.counts().connections()).isEqualTo(1);
            world.abandonAll();
            world.next();
        }
    }

    private static ContentRef large() {
        List<Long> offsets = LongStream.range(0, CHUNKS).boxed().toList();
        return new ContentRef(new ContentId(new byte[16]), 0, offsets, (long) CHUNKS * CHUNK, 0);
    }
}
