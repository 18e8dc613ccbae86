package org.postroad.deliverer.retry;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;

/** The retry reader as {@link org.postroad.deliverer.Deliverer} puts it together, with no control topic to learn from. */
public final class RetryReaders {
    private RetryReaders() {}

    public static RetryReader over(
            Consumer<byte[], byte[]> waiting,
            Consumer<byte[], byte[]> ahead,
            Consumer<byte[], byte[]> forJobs,
            Function<Duration, Producer<byte[], byte[]>> producers,
            Topics topics,
            KnownSchemas schemas,
            Counter released,
            Clock clock,
            Ticker ticker) {
        SchemaLessons lessons =
                new SchemaLessons(new ControlTopic(KafkaSettings.local("127.0.0.1:1"), topics, schemas));
        MailReader mails = new MailReader(schemas);
        RetryMetrics metrics =
                new RetryMetrics(released, Gauge.build("stopped", "test").create());
        JobScan jobs = new JobScan(forJobs, topics, schemas, lessons, metrics, clock, ticker);
        EarlyScan early = new EarlyScan(ahead, topics, mails, jobs, released, clock);
        DueHeads heads = new DueHeads(topics, mails, lessons, early, jobs, released, clock, ticker);
        return new RetryReader(waiting, producers, topics, mails, early, jobs, heads, ticker);
    }
}
