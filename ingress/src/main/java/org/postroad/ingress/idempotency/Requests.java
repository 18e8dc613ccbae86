package org.postroad.ingress.idempotency;

import io.netty.util.concurrent.EventExecutor;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.ClaimLog;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.FollowedRecords;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.PostedRequest;
import org.postroad.schemas.Topics;

/**
 * The requests with keys of one node: builds what each event loop asks, and has the one reader of the requests topic.
 *
 * <p>Built and closed by one thread; the reader's own thread hands over to the loops.
 */
public final class Requests implements AutoCloseable {
    /** Claims of a loop have ids beyond those of the one before. */
    private static final int LOOP_BITS = 48;

    private static final Duration ENDING = Duration.ofSeconds(5);

    private final String node;
    private final TopicPartition partition;
    private final Codec<PostedRequest> codec;
    private final KnownRequests known = new KnownRequests();
    private final List<LoopRequests> loops = new ArrayList<>();
    private @Nullable RequestReader reader;
    private @Nullable Thread thread;

    /** Those of a node; {@link #follow} has to come before requests do. */
    public Requests(Topics topics, KnownSchemas schemas, CollectorRegistry registry) {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        node = HexFormat.of().formatHex(random);
        partition = new TopicPartition(topics.requests().name(), 0);
        codec = new Codec<>(PostedRequest.class, schemas);
        Gauge.build("postroad_ingress_http_keys", "Idempotency keys that are known.")
                .create()
                .setChild(new Gauge.Child() {
                    @Override
                    public double get() {
                        return known.size();
                    }
                })
                .register(registry);
    }

    /** The topic of claims. */
    public String topic() {
        return partition.topic();
    }

    /** What a loop asks; none may be added once the topic is followed. */
    public LoopRequests on(EventExecutor loop, ClaimLog log) {
        LoopRequests added = new LoopRequests(node, (long) loops.size() << LOOP_BITS, known, codec, loop, log);
        loops.add(added);
        return added;
    }

    /**
     * Comes to know the keys of a day, and follows them from there.
     *
     * @throws org.postroad.schemas.UnreachableException if they cannot be known
     */
    public void follow(KafkaSettings kafka, Topics topics, KnownSchemas schemas) {
        RequestReader follower = new RequestReader(
                new KafkaConsumer<>(kafka.consumer("postroad-ingress-requests")),
                partition,
                new FollowedRecords<>(codec, new ControlTopic(kafka, topics, schemas)::learn),
                known,
                this::judged,
                Clock.systemUTC(),
                System::nanoTime);
        follower.begin();
        reader = follower;
        thread = new Thread(follower, "postroad-ingress-requests");
        thread.setDaemon(true);
        thread.start();
    }

    private void judged(PostedRequest claim, KnownRequests.Known first) {
        if (!claim.getKept() && claim.getNode().equals(node)) {
            LoopRequests its = loops.get((int) (claim.getId() >>> LOOP_BITS));
            its.loop().execute(() -> its.judged(claim.getId(), first));
        }
    }

    /** Whether the topic is followed, or need not be. */
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
}
