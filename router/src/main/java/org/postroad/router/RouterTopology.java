package org.postroad.router;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;

/**
 * The shape of the router:
 *
 * <pre>
 * inbound, again -> routing -> outbound, events, rejects
 * failed         -> bounces -> again, events, rejects
 * </pre>
 *
 * All of it in octets: a record that cannot be read has to reach a processor, not a deserializer that can only fail.
 */
final class RouterTopology {
    private static final String MAIL = "MAIL";
    private static final String FAILED = "FAILED";
    private static final String ROUTING = "ROUTING";
    private static final String BOUNCES = "BOUNCES";

    private final Topics topics;
    private final KnownSchemas schemas;
    private final RouterMetrics metrics;
    private final Runnable learn;

    /**
     * @param learn reads the control topic for schemas
     */
    RouterTopology(Topics topics, KnownSchemas schemas, RouterMetrics metrics, Runnable learn) {
        this.topics = topics;
        this.schemas = schemas;
        this.metrics = metrics;
        this.learn = learn;
    }

    Topology of(RoutePlan plan, Lookups lookups, Supplier<Bounces> bounces) {
        return of(() -> plan, lookups, bounces);
    }

    /** @param plans say which plan holds now */
    Topology of(Supplier<RoutePlan> plans, Lookups lookups, Supplier<Bounces> bounces) {
        // One book for each stream thread: its tasks share lookups and cache without locks.
        ThreadLocal<RouteBook> books = ThreadLocal.withInitial(() -> new RouteBook(plans, lookups, metrics));
        Topology topology = new Topology();
        source(topology, MAIL, topics.inbound().name(), topics.again().name());
        source(topology, FAILED, topics.failed().name());
        topology.addProcessor(
                ROUTING,
                () -> new RouteProcessor(
                        new MailReader(schemas),
                        new SchemaLessons(learn),
                        new Routing(schemas),
                        books::get,
                        topics,
                        metrics),
                MAIL);
        topology.addProcessor(
                BOUNCES,
                () -> new BounceProcessor(
                        new RecordReader<>(new Codec<>(Failure.class, schemas)::decode, new SchemaLessons(learn)),
                        schemas,
                        bounces.get(),
                        topics,
                        metrics),
                FAILED);
        topology.addStateStore(parked(), ROUTING, BOUNCES);
        topology.addSink(
                Output.Sink.OUTBOUND.name(),
                topics.outbound().name(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                new OutboundKey(),
                ROUTING);
        sink(topology, Output.Sink.AGAIN, topics.again().name(), BOUNCES);
        sink(topology, Output.Sink.EVENTS, topics.events().name(), ROUTING, BOUNCES);
        sink(topology, Output.Sink.REJECTS, topics.rejects().name(), ROUTING, BOUNCES);
        return topology;
    }

    /** No reset: a partition whose offset is lost would be mailed again, or skipped. */
    private static void source(Topology topology, String name, String... topics) {
        topology.addSource(
                AutoOffsetReset.none(), name, new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics);
    }

    private static void sink(Topology topology, Output.Sink sink, String topic, String... parents) {
        topology.addSink(sink.name(), topic, new ByteArraySerializer(), new ByteArraySerializer(), parents);
    }

    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> parked() {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(RouteProcessor.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of("max.message.bytes", Integer.toString(Caps.BATCH_OCTETS)));
    }
}
