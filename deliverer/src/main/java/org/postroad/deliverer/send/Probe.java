package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection without mail to exchangers that could not be reached, while none of their mail is here that could be tried: whether one
 * of them greets. Confined to its destination's loop.
 */
final class Probe implements SmtpConnection.Opener {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private final Destination destination;
    private final RouteQueue queue;
    private final Recovery recovery;
    private @Nullable Itinerary itinerary;

    Probe(Destination destination, RouteQueue queue, Recovery recovery) {
        this.destination = destination;
        this.queue = queue;
        this.recovery = recovery;
    }

    void begin(Station station) {
        queue.probing(true);
        queue.plan(station, this::planned, this::fault);
    }

    private void planned(AddressPlan found) {
        itinerary = new Itinerary(found, destination.now());
        next();
    }

    /** Where connections broke lately this one would too. */
    private void next() {
        Itinerary ways = itinerary;
        while (ways != null && ways.hasNext(destination.now())) {
            Endpoint endpoint = ways.next(destination.now());
            if (destination.waitsFor(endpoint) == null && destination.connect(endpoint, queue, this) != null) {
                return;
            }
        }
        queue.probing(false);
        queue.window.failed(destination.now());
    }

    @Override
    public void opened(SmtpConnection connection) {
        greeted();
        destination.opened(connection);
        destination.idle(connection);
    }

    @Override
    public void notOpened(SmtpConnection connection, Breakdown why) {
        if (FailurePolicy.isTlsTrouble(why)) {
            greeted(); // mail will do without, or say that it must not
        } else {
            destination.notConnected(queue, connection, why);
            next();
        }
    }

    private void greeted() {
        long now = destination.now();
        queue.probing(false);
        queue.reached();
        queue.window.greeted(now);
        recovery.greeted(now, destination.outfit().nowMillis());
    }

    private void fault(Throwable bug) {
        LOG.atError()
                .setCause(bug)
                .addKeyValue("destination", destination.name())
                .log("unforeseen exception in a probe");
        queue.probing(false);
        queue.window.failed(destination.now());
    }
}
