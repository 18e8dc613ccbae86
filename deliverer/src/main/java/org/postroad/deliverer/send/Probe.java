package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.address.Itinerary;
import org.postroad.deliverer.fate.FailurePolicy;
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

    private final String destination;
    private final LoopParts parts;
    private final Fleet fleet;
    private final Lessons lessons;
    private final RouteQueue queue;
    private @Nullable Itinerary itinerary;

    Probe(String destination, LoopParts parts, Fleet fleet, Lessons lessons, RouteQueue queue) {
        this.destination = destination;
        this.parts = parts;
        this.fleet = fleet;
        this.lessons = lessons;
        this.queue = queue;
    }

    void begin() {
        queue.probing(true);
        queue.plan(parts.planner(), this::planned, this::fault);
    }

    private void planned(AddressPlan found) {
        itinerary = new Itinerary(found, parts.now());
        next();
    }

    /** Where connections broke lately this one would too. */
    private void next() {
        Itinerary ways = itinerary;
        while (ways != null && ways.hasNext(parts.now())) {
            Endpoint endpoint = ways.next(parts.now());
            if (lessons.waitsFor(endpoint) == null && fleet.connect(endpoint, queue, this) != null) {
                return;
            }
        }
        queue.probing(false);
        queue.window.failed(parts.now());
    }

    @Override
    public void opened(SmtpConnection connection) {
        greeted();
        lessons.opened(connection);
        fleet.idle(connection);
    }

    @Override
    public void notOpened(SmtpConnection connection, Breakdown why) {
        if (FailurePolicy.isTlsTrouble(why)) {
            greeted(); // mail will do without, or say that it must not
        } else {
            lessons.notConnected(queue, connection, why);
            next();
        }
    }

    private void greeted() {
        queue.probing(false);
        lessons.greeted(queue);
    }

    private void fault(Throwable bug) {
        LOG.atError().setCause(bug).addKeyValue("destination", destination).log("unforeseen exception in a probe");
        queue.probing(false);
        queue.window.failed(parts.now());
    }
}
