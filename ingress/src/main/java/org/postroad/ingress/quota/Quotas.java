package org.postroad.ingress.quota;

import io.netty.util.concurrent.EventExecutor;
import io.prometheus.client.CollectorRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.FollowedRecords;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.Topics;

/**
 * The limits of one node: builds what each event loop asks, and has the one reader of the quotas topic, if anything is exact.
 *
 * <p>Built and closed by one thread; the reader's own thread hands over to the loops.
 */
public final class Quotas implements AutoCloseable {
    /** Of a balance: a start reads two times as many records at most, mostly. */
    private static final int BALANCE_EVERY = 10_000;

    /** Claims of a loop have ids beyond those of the one before. */
    private static final int LOOP_BITS = 48;

    private static final Duration ENDING = Duration.ofSeconds(5);

    private final QuotaRules rules;
    private final Rates rates = new Rates();
    private final QuotaMetrics metrics;
    private final List<LoopQuotas> loops = new ArrayList<>();
    private final String node;
    private final String topic;
    private final @Nullable Codec<QuotaEntry> codec;
    private @Nullable QuotaReader reader;
    private @Nullable Thread thread;

    private Quotas(
            QuotaRules rules, QuotaMetrics metrics, String node, String topic, @Nullable Codec<QuotaEntry> codec) {
        this.rules = rules;
        this.metrics = metrics;
        this.node = node;
        this.topic = topic;
        this.codec = codec;
    }

    /**
     * Those of a configuration; where one is exact, {@link #follow} has to come before mail does.
     *
     * @param tenantOf gives the tenant of a user, or null
     */
    public static Quotas of(
            List<Quota> quotas,
            Function<String, @Nullable String> tenantOf,
            Topics topics,
            KnownSchemas schemas,
            CollectorRegistry registry) {
        QuotaRules rules = new QuotaRules(quotas, tenantOf);
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        Codec<QuotaEntry> codec = rules.anyIsExact() ? new Codec<>(QuotaEntry.class, schemas) : null;
        String node = HexFormat.of().formatHex(random);
        return new Quotas(
                rules, new QuotaMetrics(registry), node, topics.quotas().name(), codec);
    }

    /** The topic of claims. */
    public String topic() {
        return topic;
    }

    /** What a loop asks; none may be added once the topic is followed. */
    public LoopQuotas on(EventExecutor loop, ClaimLog log) {
        long firstId = (long) loops.size() << LOOP_BITS;
        Claims claims = codec == null ? null : new Claims(node, firstId, codec, loop, log);
        LoopQuotas added = new LoopQuotas(rules, rates, loop, claims, metrics);
        loops.add(added);
        return added;
    }

    /**
     * Comes to know what is used, and follows it from there; nothing where nothing is exact.
     *
     * @param producer with the metadata of the quotas topic
     * @throws org.postroad.schemas.UnreachableException if it cannot be known
     */
    public void follow(KafkaSettings kafka, Topics topics, KnownSchemas schemas, Producer<byte[], byte[]> producer) {
        Codec<QuotaEntry> exact = codec;
        if (exact == null) {
            return;
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        ControlTopic control = new ControlTopic(kafka, topics, schemas);
        QuotaReader follower = new QuotaReader(
                new KafkaConsumer<>(kafka.consumer("postroad-ingress-quotas")),
                partition,
                new FollowedRecords<>(exact, control::learn),
                node,
                BALANCE_EVERY + new SecureRandom().nextInt(BALANCE_EVERY),
                parts -> parts.forEach(part -> write(producer, partition, exact, part)),
                new Told(),
                System::nanoTime);
        follower.begin();
        reader = follower;
        thread = new Thread(follower, "postroad-ingress-quotas");
        thread.setDaemon(true);
        thread.start();
    }

    /** One that is not kept comes again when as many records have come again. */
    private void write(
            Producer<byte[], byte[]> producer, TopicPartition partition, Codec<QuotaEntry> exact, QuotaBalance part) {
        QuotaEntry entry = new QuotaEntry(node, List.of(), List.of(), part, null);
        var unused = producer.send(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, exact.encode(entry)));
    }

    /** Whether quotas are followed, or need not be. */
    public boolean isLive() {
        return thread == null || thread.isAlive();
    }

    @Override
    public void close() {
        if (reader != null && thread != null) {
            reader.close();
            try {
                thread.join(ENDING.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Hands what the reader says to the loops that it concerns. */
    private final class Told implements QuotaReader.Listener {
        @Override
        public void judged(List<Judged> own) {
            int loop = (int) (own.get(0).id() >>> LOOP_BITS); // one record is one loop's
            LoopQuotas its = loops.get(loop);
            its.loop().execute(() -> its.judged(own));
        }

        @Override
        public void returned(List<QuotaCount> counts) {
            loops.forEach(each -> each.loop().execute(() -> each.returned(counts)));
        }

        @Override
        public void counted(int counts) {
            metrics.counts(counts);
        }
    }
}
