package org.postroad.router;

import io.prometheus.client.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Reject;
import org.postroad.schemas.TakenOnce;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
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
    private record Bound(
            ProcessorContext<byte[], byte[]> context,
            RouteBook book,
            WaitingShares waiting,
            KeptRecords kept,
            TakenIds taken) {}

    private final MailReader mails;
    private final RecordReader<Envelope> reader;
    private final Routing routing;
    private final Supplier<RouteBook> books;
    private final RouterMetrics metrics;
    private final String inbound;
    private final String again;
    private final Counter.Child fromInbound;
    private final Counter.Child fromAgain;
    private @Nullable Bound bound;

    /**
     * @param books the route book of the calling stream thread
     */
    RouteProcessor(
            MailReader mails,
            SchemaLessons lessons,
            Routing routing,
            Supplier<RouteBook> books,
            Topics topics,
            RouterMetrics metrics) {
        this.mails = mails;
        this.reader = new RecordReader<>(mails::decode, lessons);
        this.routing = routing;
        this.books = books;
        this.metrics = metrics;
        this.inbound = topics.inbound().name();
        this.again = topics.again().name();
        this.fromInbound = metrics.records("inbound");
        this.fromAgain = metrics.records("again");
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        RouteBook book = books.get();
        KeyValueStore<Bytes, byte[]> store = context.getStateStore(STORE);
        ParkingLot lot = new ParkingLot(store);
        if (lot.count() > 0) {
            LOG.atInfo().addKeyValue("shares", lot.count()).log("asking again for what was parked");
        }
        WaitingShares waiting = new WaitingShares(context, lot, book, this::released, metrics.parked());
        KeptRecords kept = new KeptRecords(
                context,
                store,
                Set.of(inbound, again),
                this::review,
                outputs -> forward(outputs, context, waiting),
                metrics.newer());
        bound = new Bound(context, book, waiting, kept, new TakenIds(store));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (bound == null) {
            throw new IllegalStateException("used before Streams bound it to a task");
        }
        Bound its = bound;
        Source from = Source.of(its.context().recordMetadata().orElseThrow());
        boolean accepted = from.topic().equals(inbound);
        (accepted ? fromInbound : fromAgain).inc();
        if (accepted && isRepeated(record, its)) {
            LOG.atInfo().addKeyValue("record", from).log("a request was repeated: its mail is taken once");
            return;
        }
        forward(outputsOf(record, from, accepted, its), its.context(), its.waiting());
    }

    private static boolean isRepeated(Record<byte[], byte[]> record, Bound its) {
        byte[] key = record.key();
        return TakenOnce.isWanted(record.headers())
                && key != null
                && key.length == QueueIds.CHARACTERS
                && !its.taken().take(key, its.context().currentSystemTimeMs());
    }

    private static void forward(Outputs outputs, ProcessorContext<byte[], byte[]> context, WaitingShares waiting) {
        for (Output output : outputs.records()) {
            output.forward(context);
        }
        for (Outputs.Parked parked : outputs.parked()) {
            waiting.add(parked, context.currentSystemTimeMs());
        }
    }

    private Outputs outputsOf(Record<byte[], byte[]> record, Source from, boolean accepted, Bound its) {
        long now = its.context().currentSystemTimeMs();
        try {
            return routed(reader.read(record.value()), record.key(), record.value(), from, accepted, now);
        } catch (UndecodableException e) {
            return rejected(record.key(), record.value(), from, List.of(), null, String.valueOf(e.getMessage()), now);
        } catch (NewerRecordException e) {
            return newer(record, from, accepted, e, its);
        }
    }

    /** A newer router's delivery goes to the deliverers once more; mail waits for a newer router. */
    private Outputs newer(
            Record<byte[], byte[]> record, Source from, boolean accepted, NewerRecordException why, Bound its) {
        byte[] octets = record.value();
        long now = its.context().currentSystemTimeMs();
        try {
            Envelope known = mails.decodeWhatIsKnown(octets);
            Outputs onward = mails.isDelivery(octets)
                    ? new Outputs(List.of(routing.passedOn(octets)), List.of())
                    : new Outputs(accepted ? List.of(Routing.accepted(known)) : List.of(), List.of());
            if (octets.length > Caps.RECORD_OCTETS || !fits(onward)) {
                List<Reject.Told> acceptance = accepted ? Reject.acceptance(known) : List.of();
                return rejected(record.key(), octets, from, acceptance, known, "larger than any record of ours", now);
            }
            if (!mails.isDelivery(octets)) {
                its.kept().keep(from, 0, octets, why, now);
            }
            return onward;
        } catch (UnknownSchemaException | UndecodableException e) {
            throw new IllegalStateException("was read a moment ago", e);
        }
    }

    /** Null while only a newer router can route it. Its acceptance was told when it came. */
    private @Nullable Outputs review(Source from, byte[] octets, long now) {
        try {
            return routed(reader.read(octets), null, octets, from, false, now);
        } catch (UndecodableException e) {
            return rejected(null, octets, from, List.of(), null, String.valueOf(e.getMessage()), now);
        } catch (NewerRecordException e) {
            return null;
        }
    }

    private Outputs routed(
            Envelope envelope, byte @Nullable [] key, byte[] octets, Source from, boolean accepted, long now) {
        RouteBook book = Objects.requireNonNull(bound).book();
        book.follow();
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
        return rejected(key, octets, from, acceptance, envelope, why, now);
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
            byte @Nullable [] key,
            byte @Nullable [] value,
            Source from,
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
        records.add(Output.reject(from, key, value, why));
        acceptance.forEach(told -> records.add(Output.of(told)));
        Reject.events(envelope, why, from.toString(), now).forEach(told -> records.add(Output.of(told)));
        return new Outputs(records, List.of());
    }

    /** Null when a newer router parked it, and its schema has to be learned first. */
    private @Nullable List<Output> released(ParkingLot.Place place, byte[] octets, DomainRoute found, long now) {
        Envelope envelope;
        try {
            envelope = reader.read(octets);
        } catch (UndecodableException e) {
            return rejected(place, octets, null, String.valueOf(e.getMessage()), now);
        } catch (NewerRecordException e) {
            // Out of the way of its domain's other shares.
            Objects.requireNonNull(bound).kept().keep(place.source(), place.share(), octets, e, now);
            return List.of();
        } catch (UnlearnedSchemaException e) {
            LOG.atError()
                    .addKeyValue("place", place)
                    .addKeyValue("why", e.getMessage())
                    .log("no node has published this parked share's schema; its domain's shares wait for it");
            return null;
        }
        Output output = routing.delivery(envelope, place.domain(), found, now);
        return output.isTooLarge()
                ? rejected(place, octets, envelope, "its delivery would not fit its topic", now)
                : List.of(output);
    }

    private static List<Output> rejected(
            ParkingLot.Place place, byte[] octets, @Nullable Envelope envelope, String why, long now) {
        LOG.atError().addKeyValue("place", place).addKeyValue("why", why).log("rejected a parked share");
        List<Output> records = new ArrayList<>();
        records.add(Output.reject(Reject.headers(place.topic(), place.partition(), place.offset(), why), null, octets));
        Reject.events(envelope, why, place.source().toString(), now).forEach(told -> records.add(Output.of(told)));
        return records;
    }

    @Override
    public void close() {
        if (bound != null) {
            bound.waiting().close();
            bound.kept().close();
        }
    }
}
