package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.Counter;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a bounce on its way for each failure that deserves one. */
final class BounceProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(BounceProcessor.class);

    private final RecordReader<Failure> reader;
    private final Codec<Envelope> envelopes;
    private final Bounces bounces;
    private final RouterMetrics metrics;
    private final String failed;
    private final Counter.Child fromFailed;
    private @Nullable Bound bound;

    /** What the task holds, bound to it by Streams after construction. */
    private record Bound(ProcessorContext<byte[], byte[]> context, KeptRecords kept) {}

    BounceProcessor(
            RecordReader<Failure> reader, KnownSchemas schemas, Bounces bounces, Topics topics, RouterMetrics metrics) {
        this.reader = reader;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.bounces = bounces;
        this.metrics = metrics;
        this.failed = topics.failed().name();
        this.fromFailed = metrics.records("failed");
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        KeptRecords kept = new KeptRecords(
                context,
                context.getStateStore(RouteProcessor.STORE),
                Set.of(failed),
                this::review,
                outputs -> outputs.records().forEach(output -> output.forward(context)),
                metrics.newer());
        bound = new Bound(context, kept);
    }

    @Override
    public void close() {
        if (bound != null) {
            bound.kept().close();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (bound == null) {
            throw new IllegalStateException("used before Streams bound it to a task");
        }
        fromFailed.inc();
        Source from = Source.of(bound.context().recordMetadata().orElseThrow());
        long now = bound.context().currentSystemTimeMs();
        try {
            for (Output output : outputsOf(from, record.key(), record.value(), now)) {
                output.forward(bound.context());
            }
        } catch (NewerRecordException e) {
            bound.kept().keep(from, 0, record.value(), e, now);
        }
    }

    /** Null while only a newer router can report it. */
    private @Nullable Outputs review(Source from, byte[] octets, long now) {
        try {
            return new Outputs(outputsOf(from, null, octets, now), List.of());
        } catch (NewerRecordException e) {
            return null;
        }
    }

    private List<Output> outputsOf(Source from, byte @Nullable [] key, byte[] value, long now)
            throws NewerRecordException {
        Failure failure;
        try {
            failure = reader.read(value);
        } catch (UndecodableException e) {
            return List.of(Output.reject(from, key, value, String.valueOf(e.getMessage())));
        }
        try {
            return bounced(failure, now);
        } catch (RuntimeException fault) {
            LOG.atError()
                    .addKeyValue("queueId", failure.getEnvelope().getQueueId())
                    .setCause(fault)
                    .log("a bounce could not be written");
            return List.of(Output.reject(from, key, value, "fault: " + fault));
        }
    }

    private List<Output> bounced(Failure failure, long now) {
        Envelope bounce = bounces.of(failure, now);
        if (bounce == null) {
            return List.of();
        }
        byte[] key = bounce.getQueueId().getBytes(UTF_8);
        byte[] json = Event.of(Event.Kind.GENERATED, now, bounce, bounce.getRecipients())
                .with("size", Envelopes.contentOctets(bounce))
                .toJson();
        return List.of(
                Output.of(Output.Sink.AGAIN, key, envelopes.encode(bounce)), Output.of(Output.Sink.EVENTS, key, json));
    }
}
