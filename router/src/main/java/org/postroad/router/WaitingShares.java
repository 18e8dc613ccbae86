package org.postroad.router;

import io.prometheus.client.Gauge;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * A task's parked shares, and how they leave: each tick asks for domains not yet asked for and forwards what has been
 * answered, so many of each that a transaction stays small.
 *
 * <p>It ticks only while something waits: each punctuation makes its task commit, and an idle router would write a
 * transaction at every interval. Confined to its task.
 */
final class WaitingShares implements RouteBook.Waiter {
    static final Duration TICK = Duration.ofMillis(10);
    static final int SHARES_PER_TICK = 500;

    /** After a restart no more than 1,000 per second and task. */
    static final int DOMAINS_PER_TICK = 10;

    /** Between two looks at shares that nobody here can read yet: so often the control topic is read. */
    static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    /** What a parked share becomes once its route is known; null when its schema has to be learned first. */
    interface Release {
        @Nullable
        List<Output> of(ParkingLot.Place place, byte[] envelope, DomainRoute found, long nowMillis);
    }

    private record Answer(String domain, DomainRoute found) {}

    private final ProcessorContext<byte[], byte[]> context;
    private final ParkingLot lot;
    private final RouteBook book;
    private final Release release;
    private final Gauge.Child parked;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private @Nullable Cancellable ticking;

    /** The domain that asking for parked shares has come to; null when all are asked for. */
    private @Nullable String sweptTo;

    private boolean sweepAgain;

    /** When domains whose shares could not be read are asked for again; null when there are none. */
    private @Nullable Long lookAgainAtMillis;

    WaitingShares(
            ProcessorContext<byte[], byte[]> context,
            ParkingLot lot,
            RouteBook book,
            Release release,
            Gauge.Child parked) {
        this.context = context;
        this.lot = lot;
        this.book = book;
        this.release = release;
        this.parked = parked;
        parked.inc((double) lot.count());
        if (lot.count() > 0) {
            sweptTo = ""; // restored: nobody remembers what was asked for
            startTicking();
        }
    }

    void add(Outputs.Parked share, long nowMillis) {
        lot.park(share);
        parked.inc();
        if (!book.ask(share.place().domain(), this, nowMillis)) {
            // No place for it: a sweep asks for it when there is one.
            sweepFromTheFirst();
        }
        startTicking();
    }

    /** One under way finishes first. */
    private void sweepFromTheFirst() {
        sweepAgain = sweptTo != null;
        sweptTo = sweptTo == null ? "" : sweptTo;
    }

    @Override
    public void answered(String domain, DomainRoute found) {
        answers.add(new Answer(domain, found));
    }

    private void startTicking() {
        if (ticking == null) {
            ticking = context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        }
    }

    private void stopTicking() {
        if (ticking != null) {
            ticking.cancel();
            ticking = null;
        }
    }

    private void tick(long nowMillis) {
        book.follow();
        book.collect(nowMillis);
        if (lookAgainAtMillis != null && nowMillis >= lookAgainAtMillis) {
            lookAgainAtMillis = null;
            sweepFromTheFirst();
        }
        sweep(nowMillis);
        forwardAnswered(nowMillis);
        if (lot.count() == 0) {
            stopTicking();
            sweptTo = null;
            answers.clear(); // a route kept longer than it is good for would be given to what is parked next
        }
    }

    private void sweep(long nowMillis) {
        for (int asked = 0; asked < DOMAINS_PER_TICK && sweptTo != null; asked++) {
            String domain = lot.domainAfter(sweptTo);
            if (domain == null) {
                sweptTo = sweepAgain ? "" : null;
                sweepAgain = false;
                return;
            }
            DomainRoute found = book.known(domain, nowMillis);
            if (found != null) {
                answered(domain, found);
            } else if (!book.askAgain(domain, this, nowMillis)) {
                sweepAgain = true; // others may have a place: what fails again and again must not be in their way
            }
            sweptTo = domain;
        }
    }

    private void forwardAnswered(long nowMillis) {
        int room = SHARES_PER_TICK;
        while (room > 0 && !answers.isEmpty()) {
            Answer answer = answers.element();
            room -= lot.take(answer.domain(), room, (place, envelope) -> {
                List<Output> outputs = release.of(place, envelope, answer.found(), nowMillis);
                if (outputs == null) {
                    lookAgainAtMillis = nowMillis + LOOK_AGAIN.toMillis();
                    return false;
                }
                outputs.forEach(output -> output.forward(context));
                parked.dec();
                return true;
            });
            if (room > 0) {
                answers.remove(); // fewer than there was room for: none is left that could go
            }
        }
    }

    /** A task may be resumed after this, with a new one of us: two that count would never again agree. */
    void close() {
        stopTicking();
        book.forget(this);
        parked.dec((double) lot.count());
    }
}
