package org.postroad.deploy.observer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.schemas.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the index takes and gives: a million events over ten thousand destinations, of which half stay in the queue. */
@Tag("long")
class IndexSpeedTest {
    private static final Logger LOG = LoggerFactory.getLogger(IndexSpeedTest.class);
    private static final int MESSAGES = 500_000;
    private static final int DESTINATIONS = 10_000;
    private static final int BATCH = 5_000;

    /** A tenth of what two idle cores do: only something that grows with the index falls below it. */
    private static final int LEAST_PER_SECOND = 5_000;

    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();
    private final List<String> ids = new ArrayList<>();

    @Test
    void aMillionEventsAreReadAndAskedFor() {
        long cpu = 0;
        long nanos = 0;
        try (Index index = Index.open(directory)) {
            for (int from = 0; from < MESSAGES; from += BATCH / 2) {
                List<ConsumerRecord<byte[], byte[]>> batch = batch(from);
                long begun = System.nanoTime();
                long cpuBegun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                batch.forEach(index::apply);
                index.sum(0).reached(batch.get(batch.size() - 1).offset() + 1);
                index.commit();
                nanos += System.nanoTime() - begun;
                cpu += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBegun;
            }
            long perSecond = 2L * MESSAGES * TimeUnit.SECONDS.toNanos(1) / nanos;
            LOG.atWarn()
                    .addKeyValue("eventsPerSecond", perSecond)
                    .addKeyValue("eventsPerSecondOfItsProcessor", 2L * MESSAGES * TimeUnit.SECONDS.toNanos(1) / cpu)
                    .addKeyValue("heapMiB", heapMiB())
                    .log("the index was made");
            assertThat(perSecond).isGreaterThan(LEAST_PER_SECOND);
        }
        ask();
    }

    private void ask() {
        long begun = System.nanoTime();
        try (Index index = Index.open(directory)) {
            long opened = System.nanoTime();
            Answers answers = new Answers(index, Duration.ofDays(5));
            assertThat(answers.queue(IndexedEvents.NOW, 10_000).get("recipients"))
                    .isEqualTo((long) MESSAGES / 2);
            long queue = System.nanoTime();
            answers.queueOf("d7.test", null, IndexedEvents.NOW, 1_000);
            long list = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThat(IndexedEvents.list(answers.message(ids.get(i * 4_999), IndexedEvents.NOW), "events"))
                        .isNotEmpty();
            }
            long trace = System.nanoTime();
            answers.ledger(IndexedEvents.NOW);
            long ledger = System.nanoTime();
            LOG.atWarn()
                    .addKeyValue("openMillis", (opened - begun) / 1_000_000)
                    .addKeyValue("queueMillis", (queue - opened) / 1_000_000)
                    .addKeyValue("listMillis", (list - queue) / 1_000_000)
                    .addKeyValue("traceMicros", (trace - list) / 100_000)
                    .addKeyValue("ledgerMillis", (ledger - trace) / 1_000_000)
                    .addKeyValue("heapMiB", heapMiB())
                    .log("the index answered");
        }
    }

    private static long heapMiB() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    }

    /** Half of the messages are delivered at once; the other half is deferred. */
    private List<ConsumerRecord<byte[], byte[]>> batch(int from) {
        List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(BATCH);
        for (int i = from; i < from + BATCH / 2; i++) {
            events.clock.advance(Duration.ofMillis(1));
            String id = events.id();
            ids.add(id);
            String domain = "d" + i % DESTINATIONS + ".test";
            String recipient = "somebody." + i + "@" + domain;
            batch.add(events.record(events.json(
                    Event.Kind.ACCEPTED,
                    id,
                    event -> event.with("size", 4_000)
                            .with("client", "192.0.2.7")
                            .with("helo", "client.example.test")
                            .with("messageId", id + "@client.example.test"),
                    recipient)));
            batch.add(events.record(
                    i % 2 == 0
                            ? events.json(Event.Kind.DELIVERED, id, event -> events.delivered(event, domain), recipient)
                            : events.json(
                                    Event.Kind.DEFERRED,
                                    id,
                                    event -> events.deferred(event, domain, IndexedEvents.NOW + 3_600_000),
                                    recipient)));
        }
        return batch;
    }
}
