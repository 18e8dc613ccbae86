package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.Counter;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.UndecodableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a bounce on its way for each failure that deserves one. */
final class BounceProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(BounceProcessor.class);

    private final RecordReader<Failure> reader;
    private final Codec<Envelope> envelopes;
    private final Bounces bounces;
    private final Counter.Child fromFailed;
    private @Nullable ProcessorContext<byte[], byte[]> context;

    BounceProcessor(RecordReader<Failure> reader, KnownSchemas schemas, Bounces bounces, RouterMetrics metrics) {
        this.reader = reader;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.bounces = bounces;
        this.fromFailed = metrics.records("failed");
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> its) {
        context = its;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (context == null) {
            throw new IllegalStateException("used before Streams bound it to a task");
        }
        fromFailed.inc();
        RecordMetadata from = context.recordMetadata().orElseThrow();
        for (Output output : outputsOf(record, from, context.currentSystemTimeMs())) {
            output.forward(context);
        }
    }

    private List<Output> outputsOf(Record<byte[], byte[]> record, RecordMetadata from, long now) {
        Failure failure;
        try {
            failure = reader.read(record.value());
        } catch (UndecodableException e) {
            return List.of(Output.reject(from, record.key(), record.value(), String.valueOf(e.getMessage())));
        }
        try {
            return bounced(failure, now);
        } catch (RuntimeException fault) {
            LOG.atError()
                    .addKeyValue("queueId", failure.getEnvelope().getQueueId())
                    .setCause(fault)
                    .log("a bounce could not be written");
            return List.of(Output.reject(from, record.key(), record.value(), "fault: " + fault));
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
