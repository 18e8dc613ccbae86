package org.postroad.router;

import io.prometheus.client.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Reject;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes what comes in: at once where the route is known, else after parking it until its lookup is answered.
 *
 * <p>A processor cannot wait, since one slow name server would stop its partition, and Streams has no operator that
 * does; so what waits is kept apart, in {@link WaitingShares}.
 */
final class RouteProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(RouteProcessor.class);
    static final String STORE = "parked";

    /** What the task holds, bound to it by Streams after construction. */
    private record Bound(ProcessorContext<byte[], byte[]> context, RouteBook book, WaitingShares waiting) {}

    private final RecordReader<Envelope> reader;
    private final Routing routing;
    private final Supplier<RouteBook> books;
    private final RouterMetrics metrics;
    private final String inbound;
    private final Counter.Child fromInbound;
    private final Counter.Child fromAgain;
    private @Nullable Bound bound;

    /**
     * @param books the route book of the calling stream thread
     */
    RouteProcessor(
            RecordReader<Envelope> reader,
            Routing routing,
            Supplier<RouteBook> books,
            Topics topics,
            RouterMetrics metrics) {
        this.reader = reader;
        this.routing = routing;
        this.books = books;
        this.metrics = metrics;
        this.inbound = topics.inbound().name();
        this.fromInbound = metrics.records("inbound");
        this.fromAgain = metrics.records("again");
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        RouteBook book = books.get();
        ParkingLot lot = new ParkingLot(context.getStateStore(STORE));
        if (lot.count() > 0) {
            LOG.atInfo().addKeyValue("shares", lot.count()).log("asking again for what was parked");
        }
        bound = new Bound(context, book, new WaitingShares(context, lot, book, this::released, metrics.parked()));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (bound == null) {
            throw new IllegalStateException("used before Streams bound it to a task");
        }
        Bound its = bound;
        RecordMetadata from = its.context().recordMetadata().orElseThrow();
        long now = its.context().currentSystemTimeMs();
        its.book().follow();
        Outputs outputs = outputsOf(record, from, now, its.book());
        for (Output output : outputs.records()) {
            output.forward(its.context());
        }
        for (Outputs.Parked parked : outputs.parked()) {
            its.waiting().add(parked, now);
        }
    }

    private Outputs outputsOf(Record<byte[], byte[]> record, RecordMetadata from, long now, RouteBook book) {
        boolean accepted = from.topic().equals(inbound);
        (accepted ? fromInbound : fromAgain).inc();
        Envelope envelope;
        try {
            envelope = reader.read(record.value());
        } catch (UndecodableException e) {
            return rejected(record, from, List.of(), null, String.valueOf(e.getMessage()), now);
        }
        String why = "a record made of it would not fit its topic";
        try {
            Outputs outputs = routing.route(envelope, accepted, from, domain -> book.known(domain, now), now);
            if (fits(outputs)) {
                return outputs;
            }
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).log("even the fault could not be routed");
            why = "fault: " + fault;
        }
        // What was accepted is told with its end, or its end would be one too many.
        List<Reject.Told> acceptance = accepted ? Reject.acceptance(envelope) : List.of();
        return rejected(record, from, acceptance, envelope, why, now);
    }

    private static boolean fits(Outputs outputs) {
        for (Output output : outputs.records()) {
            if (output.isTooLarge()) {
                return false;
            }
        }
        return outputs.parked().stream().allMatch(parked -> parked.envelope().length <= Caps.RECORD_OCTETS);
    }

    private static Outputs rejected(
            Record<byte[], byte[]> record,
            RecordMetadata from,
            List<Reject.Told> acceptance,
            @Nullable Envelope envelope,
            String why,
            long now) {
        LOG.atError()
                .addKeyValue("topic", from.topic())
                .addKeyValue("partition", from.partition())
                .addKeyValue("offset", from.offset())
                .addKeyValue("why", why)
                .log("rejected a record");
        List<Output> records = new ArrayList<>();
        records.add(Output.reject(from, record.key(), record.value(), why));
        acceptance.forEach(told -> records.add(Output.of(told)));
        String source = from.topic() + "-" + from.partition() + "-" + from.offset();
        Reject.events(envelope, why, source, now).forEach(told -> records.add(Output.of(told)));
        return new Outputs(records, List.of());
    }

    /** Null when a newer router parked it, and its schema has to be learned first. */
    private @Nullable List<Output> released(ParkingLot.Place place, byte[] octets, Hop hop, long now) {
        Envelope envelope;
        try {
            envelope = reader.read(octets);
        } catch (UndecodableException e) {
            return rejected(place, octets, null, String.valueOf(e.getMessage()), now);
        } catch (UnlearnedSchemaException e) {
            LOG.atError()
                    .addKeyValue("place", place)
                    .addKeyValue("why", e.getMessage())
                    .log("no node has published this parked share's schema; its domain's shares wait for it");
            return null;
        }
        Output output = routing.delivery(envelope, place.domain(), hop, now);
        return output.isTooLarge()
                ? rejected(place, octets, envelope, "its delivery would not fit its topic", now)
                : List.of(output);
    }

    private static List<Output> rejected(
            ParkingLot.Place place, byte[] octets, @Nullable Envelope envelope, String why, long now) {
        LOG.atError().addKeyValue("place", place).addKeyValue("why", why).log("rejected a parked share");
        List<Output> records = new ArrayList<>();
        records.add(Output.reject(Reject.headers(place.topic(), place.partition(), place.offset(), why), null, octets));
        String source = place.topic() + "-" + place.partition() + "-" + place.offset();
        Reject.events(envelope, why, source, now).forEach(told -> records.add(Output.of(told)));
        return records;
    }

    @Override
    public void close() {
        if (bound != null) {
            bound.waiting().close();
        }
    }
}
