package org.postroad.router;

import io.prometheus.client.Counter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
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
 * does. So answers are collected by a wall-clock punctuation. It is scheduled only while something waits: each
 * punctuation makes its task commit, and an idle router would write a transaction at every interval.
 */
final class RouteProcessor implements Processor<byte[], byte[], byte[], byte[]>, RouteBook.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(RouteProcessor.class);
    static final String STORE = "parked";
    static final Duration TICK = Duration.ofMillis(10);

    /** At most so many shares leave the lot in one tick, so that a transaction stays small. */
    private static final int SHARES_PER_TICK = 500;

    /** After a restart domains are asked for at no more than 1,000 per second and task. */
    private static final int DOMAINS_PER_TICK = 10;

    /** What the task holds, bound to it by Streams after construction. */
    private record Bound(ProcessorContext<byte[], byte[]> context, RouteBook book, ParkingLot lot) {}

    private record Answer(String domain, Hop hop) {}

    private final RecordReader<Envelope> reader;
    private final Routing routing;
    private final Supplier<RouteBook> books;
    private final String inbound;
    private final Counter.Child fromInbound;
    private final Counter.Child fromAgain;
    private final RouterMetrics metrics;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private @Nullable Bound bound;
    private @Nullable Cancellable tick;
    /** Where asking for parked domains has come to; null when all are asked for. */
    private @Nullable String sweptTo;

    private boolean sweepAgain;

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
        this.inbound = topics.inbound().name();
        this.fromInbound = metrics.records("inbound");
        this.fromAgain = metrics.records("again");
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        Bound its = new Bound(context, books.get(), new ParkingLot(context.getStateStore(STORE)));
        bound = its;
        metrics.parked().inc(its.lot().count());
        if (its.lot().count() > 0) {
            LOG.atInfo().addKeyValue("shares", its.lot().count()).log("asking again for what was parked");
            sweptTo = "";
            startTicking(its);
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Bound its = bound();
        RecordMetadata from = its.context().recordMetadata().orElseThrow();
        long now = its.context().currentSystemTimeMs();
        Outputs outputs = outputsOf(record, from, now, its.book());
        for (Output output : outputs.records()) {
            output.forward(its.context());
        }
        for (Outputs.Parked parked : outputs.parked()) {
            its.lot().park(parked);
            metrics.parked().inc();
            ask(its, parked.place().domain(), now);
        }
    }

    private Outputs outputsOf(Record<byte[], byte[]> record, RecordMetadata from, long now, RouteBook book) {
        boolean accepted = from.topic().equals(inbound);
        (accepted ? fromInbound : fromAgain).inc();
        Envelope envelope;
        try {
            envelope = reader.read(record.value());
        } catch (UndecodableException e) {
            return rejected(record, from, e.getMessage());
        }
        try {
            Outputs outputs = routing.route(envelope, accepted, from, domain -> book.known(domain, now), now);
            return fits(outputs) ? outputs : rejected(record, from, "a record made of it would not fit its topic");
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).log("even the fault could not be routed");
            return rejected(record, from, "fault: " + fault);
        }
    }

    private static boolean fits(Outputs outputs) {
        for (Output output : outputs.records()) {
            if (output.isTooLarge()) {
                return false;
            }
        }
        return outputs.parked().stream().allMatch(parked -> parked.envelope().length <= Caps.RECORD_OCTETS);
    }

    private static Outputs rejected(Record<byte[], byte[]> record, RecordMetadata from, @Nullable String why) {
        LOG.atError()
                .addKeyValue("topic", from.topic())
                .addKeyValue("partition", from.partition())
                .addKeyValue("offset", from.offset())
                .addKeyValue("why", why)
                .log("rejected a record");
        Output reject = Output.reject(from, record.key(), record.value(), String.valueOf(why));
        return new Outputs(List.of(reject), List.of());
    }

    private void ask(Bound its, String domain, long now) {
        if (!its.book().ask(domain, this, now)) {
            // Too many are open: a sweep asks for it when some are answered, and one under way finishes first.
            sweepAgain = sweptTo != null;
            sweptTo = sweptTo == null ? "" : sweptTo;
        }
        startTicking(its);
    }

    private void startTicking(Bound its) {
        if (tick == null) {
            tick = its.context().schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        }
    }

    private void tick(long nowMillis) {
        Bound its = bound();
        its.book().collect(nowMillis);
        sweep(its, nowMillis);
        forwardAnswered(its, nowMillis);
        if (its.lot().count() == 0 && tick != null) {
            tick.cancel();
            tick = null;
            sweptTo = null;
            answers.clear(); // a route kept longer than it is good for would be given to what is parked next
        }
    }

    @Override
    public void answered(String domain, Hop hop) {
        answers.add(new Answer(domain, hop));
    }

    private void sweep(Bound its, long now) {
        for (int asked = 0; asked < DOMAINS_PER_TICK && sweptTo != null; asked++) {
            String domain = its.lot().domainAfter(sweptTo);
            if (domain == null) {
                sweptTo = sweepAgain ? "" : null;
                sweepAgain = false;
                return;
            }
            Hop hop = its.book().known(domain, now);
            if (hop != null) {
                answered(domain, hop);
            } else if (!its.book().ask(domain, this, now)) {
                return;
            }
            sweptTo = domain;
        }
    }

    private void forwardAnswered(Bound its, long now) {
        int room = SHARES_PER_TICK;
        while (room > 0 && !answers.isEmpty()) {
            Answer answer = answers.element();
            int taken = its.lot().take(answer.domain(), room, (place, octets) -> {
                parkedOutput(place, octets, answer.hop(), now).forward(its.context());
                metrics.parked().dec();
            });
            room -= taken;
            if (room > 0) {
                answers.remove(); // fewer than there was room for: none is left
            }
        }
    }

    private Output parkedOutput(ParkingLot.Place place, byte[] octets, Hop hop, long now) {
        try {
            Output output = routing.delivery(reader.read(octets), place.domain(), hop, now);
            return output.isTooLarge() ? parkedReject(place, octets, "its delivery would not fit its topic") : output;
        } catch (UndecodableException e) {
            return parkedReject(place, octets, String.valueOf(e.getMessage()));
        }
    }

    private static Output parkedReject(ParkingLot.Place place, byte[] octets, String why) {
        return Output.reject(Reject.headers(place.topic(), place.partition(), place.offset(), why), null, octets);
    }

    @Override
    public void close() {
        if (bound != null) {
            bound.book().forget(this);
            metrics.parked().dec(bound.lot().count());
        }
    }

    private Bound bound() {
        if (bound == null) {
            throw new IllegalStateException("used before Streams bound it to a task");
        }
        return bound;
    }
}
