package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.address.Itinerary;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the messages of one destination, each from its turn over addresses, connections and transactions to an outcome for each
 * recipient.
 *
 * <p>Confined to the destination's loop.
 */
final class Carrier implements Attempt.Events {
    private static final Logger LOG = LoggerFactory.getLogger(Carrier.class);

    private final WaitingDestination destination;
    private final LoopParts parts;
    private final RouteQueues queues;
    private final Slots slots;
    private final Fleet fleet;
    private final Boarding boarding;
    private final Lessons lessons;
    private final ActiveAttempts active;
    private final Runnable look;

    /** @param look when another message may have its turn */
    Carrier(
            WaitingDestination destination,
            LoopParts parts,
            RouteQueues queues,
            Slots slots,
            Fleet fleet,
            Lessons lessons,
            Runnable look) {
        this.destination = destination;
        this.parts = parts;
        this.queues = queues;
        this.slots = slots;
        this.fleet = fleet;
        this.boarding = new Boarding(queues, fleet);
        this.lessons = lessons;
        this.active = new ActiveAttempts(parts, slots, look);
        this.look = look;
    }

    ActiveAttempts active() {
        return active;
    }

    private Attempt taken(RouteQueue queue, boolean largeToo) {
        Attempt attempt = queues.take(queue, largeToo);
        active.add(attempt);
        return attempt;
    }

    /** The next of this queue has its turn: finds out where it can go, and goes. */
    void begin(RouteQueue queue, boolean largeToo) {
        Attempt attempt = taken(queue, largeToo);
        slots.hold(attempt);
        active.guarded(attempt, () -> {
            attempt.trouble.begin();
            attempt.letter().judgeAddresses(attempt.outcomes, active.said(attempt));
            if (attempt.outcomes.isAllJudged()) {
                active.finish(attempt);
            } else {
                queue.plan(parts.planner(), found -> planned(attempt, found), bug -> active.fault(attempt, bug));
            }
        });
    }

    private void planned(Attempt attempt, AddressPlan found) {
        active.guarded(attempt, () -> {
            if (attempt.isEnded()) {
                return;
            }
            attempt.planned(found, parts.now());
            if (found.endpoints().isEmpty()) {
                active.finishWith(
                        attempt,
                        RoutePolicy.withoutAddresses(found, attempt.open().delivery(), active.said(attempt)));
            } else if (!mayGoTo(found.endpoints().get(0), attempt)) {
                putBack(attempt);
            } else { // no connection is taken for content that is not there yet
                attempt.letter()
                        .readBeginning(parts.loop(), instead -> active.guarded(attempt, () -> begun(attempt, instead)));
            }
        });
    }

    private void begun(Attempt attempt, @Nullable Outcome instead) {
        if (!attempt.isEnded() && instead != null) {
            active.finishWith(attempt, instead);
        } else if (!attempt.isEnded()) {
            proceed(attempt);
        }
    }

    /** An idle connection to a preferred address, else a new one to the next. */
    private void proceed(Attempt attempt) {
        Itinerary ways = attempt.itinerary();
        SmtpConnection idle = attempt.takesIdle() ? fleet.takeIdle(ways.plan()) : null;
        if (idle != null) {
            send(attempt, idle);
        } else if (ways.hasNext(parts.now())) {
            connect(attempt, ways.next(parts.now()));
        } else {
            Outcome outcome = attempt.unreachable(parts.nowMillis());
            active.finishWith(attempt, outcome);
            if (!(outcome instanceof Outcome.Bounced)) { // or they are there, and just not for this message
                unreachable(attempt.queue(), outcome);
            }
        }
    }

    /** Where connections broke lately, for whomever, this message's would too: that counts as its own. */
    private void connect(Attempt attempt, Endpoint endpoint) {
        Endpoint next = attempt.trouble.goingTo(endpoint);
        Breakdown lately = lessons.waitsFor(endpoint);
        if (lately != null) {
            attempt.trouble.ended(lately);
            proceed(attempt);
            return;
        }
        SmtpConnection opening = mayGoTo(next, attempt) ? fleet.connect(next, attempt.queue(), attempt) : null;
        if (opening == null) {
            putBack(attempt);
        } else {
            attempt.connected(opening);
        }
    }

    /** Whether it may go to this address now; one whose content is large may have to wait for others. */
    private boolean mayGoTo(Endpoint endpoint, Attempt attempt) {
        return slots.mayGoTo(endpoint.address(), attempt, parts.now());
    }

    @Override
    public void opened(Attempt attempt, SmtpConnection opened) {
        active.guarded(attempt, () -> {
            lessons.opened(opened);
            if (attempt.isEnded()) {
                fleet.idle(opened);
            } else {
                send(attempt, opened);
            }
        });
    }

    @Override
    public void notOpened(Attempt attempt, SmtpConnection failed, Breakdown why) {
        active.guarded(attempt, () -> {
            attempt.disconnected();
            if (attempt.isEnded()) {
                return;
            }
            attempt.trouble.ended(why);
            lessons.notOpened(attempt.queue(), why);
            if (fleet.isOnlyFull(failed.endpoint(), why, attempt.queue())) {
                putBack(attempt);
            } else if (FailurePolicy.isTlsTrouble(why) && lessons.mayGoInClear(failed.endpoint())) {
                attempt.trouble.tlsFailed(failed.endpoint());
                connect(attempt, failed.endpoint().inClear());
            } else {
                lessons.notConnected(attempt.queue(), failed, why);
                proceed(attempt);
            }
        });
    }

    private void send(Attempt attempt, SmtpConnection idle) {
        attempt.connected(idle);
        if (!attempt.mayHave(idle)) {
            attempt.disconnected();
            attempt.trouble.unpromised();
            fleet.idle(idle);
            proceed(attempt);
            return;
        }
        Transaction next = attempt.sendOn(idle, parts.nowMillis());
        if (next != null) {
            idle.begin(next);
        } else {
            attempt.disconnected();
            active.finish(attempt);
            fleet.idle(idle);
        }
    }

    /** Its end is sent if the lease permits it, and a message that waits rides with it. */
    @Override
    public void dotDue(Attempt attempt, SmtpConnection connection) {
        active.guarded(attempt, () -> {
            if (parts.permissions().toSendDot(destination, parts.now())) {
                connection.dot(connection.offered().pipelining() ? rider(attempt, connection) : null);
            } else {
                connection.withhold();
            }
        });
    }

    private @Nullable Transaction rider(Attempt sent, SmtpConnection connection) {
        if (!lessons.mayRide(connection.endpoint())) {
            return null;
        }
        long now = parts.now();
        RouteQueue next = boarding.following(sent.queue(), connection, now);
        AddressPlan plan = next == null ? null : Boarding.planOfNext(next, connection, now);
        return next != null && plan != null
                ? ride(taken(next, false), connection, plan)
                : fleet.riderOfOthers(connection);
    }

    /** The next message in the flight of another destination's dot, with which the connection becomes ours. */
    @Nullable
    Transaction board(SmtpConnection connection) {
        long now = parts.now();
        RouteQueue queue = slots.isAnyFree() ? boarding.boarding(connection, now) : null;
        AddressPlan plan = queue == null ? null : Boarding.planOfNext(queue, connection, now);
        if (queue == null || plan == null) {
            return null;
        }
        Attempt next = taken(queue, false);
        Transaction rider = ride(next, connection, plan);
        if (rider != null) {
            slots.hold(next);
            fleet.boarded(connection);
            queue.called(now);
        }
        return rider;
    }

    /** Goes in the flight of another message's dot; null when the exchanger's offer has decided everything. */
    private @Nullable Transaction ride(Attempt attempt, SmtpConnection with, AddressPlan known) {
        try {
            attempt.planned(known, parts.now());
            attempt.letter().judgeAddresses(attempt.outcomes, active.said(attempt));
            Transaction rider = attempt.outcomes.isAllJudged() ? null : attempt.sendOn(with, parts.nowMillis());
            if (rider == null) {
                active.finish(attempt);
            }
            return rider;
        } catch (Throwable bug) {
            attempt.disconnected(); // it carries another message's content
            active.fault(attempt, bug);
            return null;
        }
    }

    /** It rode with a message of this destination, whose slot is free now, or has its own from another's. */
    @Override
    public void promoted(Attempt attempt) {
        if (attempt.isWanted() && !attempt.holdsSlot) {
            slots.hold(attempt);
        }
    }

    @Override
    public void ended(Attempt attempt, SmtpConnection from, Transaction ended) {
        active.guarded(attempt, () -> {
            int[] recipients = attempt.state() instanceof AttemptState.Sending sending ? sending.recipients() : null;
            attempt.disconnected();
            fleet.messageEnded(from);
            boolean last = attempt.isLeaving() || !attempt.itinerary().hasNext(parts.now());
            FailurePolicy.Judgement judgement = FailurePolicy.judge(
                    ended,
                    new FailurePolicy.Circumstances(
                            active.said(attempt), from.isEncrypted(), last, lessons.refusedRun()));
            lessons.ended(attempt.queue(), from, ended, judgement);
            if (recipients == null) {
                return; // it ended before this transaction did
            }
            attempt.outcomes.judge(recipients, judgement.outcomes());
            Breakdown why = ended.breakdown();
            attempt.trouble.ended(why);
            if (why != null && why.kind() == Breakdown.Kind.CONTENT_GONE) {
                LOG.atError()
                        .addKeyValue("queueId", attempt.envelope().getQueueId())
                        .log("ALARM: {}", why.detail());
            }
            goOn(attempt, from, judgement.rest());
        });
    }

    private void goOn(Attempt attempt, SmtpConnection from, FailurePolicy.Rest rest) {
        if (attempt.isLeaving() && rest != FailurePolicy.Rest.NONE) {
            active.giveBack(attempt);
            return;
        }
        switch (rest) {
            case NONE -> active.finish(attempt);
            case NEXT_ADDRESS -> {
                attempt.trouble.brokeAt(from.endpoint());
                proceed(attempt);
            }
            case PUT_BACK -> putBack(attempt);
            case ANOTHER_TRANSACTION -> {
                attempt.itinerary().restart();
                if (from.isIdle()) {
                    send(attempt, from);
                } else {
                    proceed(attempt);
                }
            }
        }
    }

    /** It was not tried after all. */
    private void putBack(Attempt attempt) {
        active.remove(attempt);
        queues.putBack(attempt.queue(), attempt);
        look.run();
    }

    /** All addresses failed one message; those past their expiry that have the same exchangers have been tried with it. */
    private void unreachable(RouteQueue queue, Outcome outcome) {
        lessons.unreachable(queue, outcome);
        if (outcome instanceof Outcome.Deferred) {
            long nowMillis = parts.nowMillis();
            queues.removeIf(queue, attempt -> attempt.isExpired(nowMillis)).forEach(expired -> end(expired, outcome));
        }
        if (queue.isDead()) {
            overflow(queue, RouteQueue.PROBES_KEPT);
        }
    }

    /** The newest of a queue, all but so many, go elsewhere. */
    void overflow(RouteQueue queue, int keep) {
        queues.overflow(queue, keep).forEach(this::overflow);
    }

    void overflow(Attempt unstarted) {
        end(unstarted, unstarted.queue().untried(parts.now()));
    }

    /** One that has no turn: the same for every recipient. */
    void end(Attempt unstarted, Outcome outcome) {
        active.add(unstarted);
        active.finishWith(unstarted, outcome);
    }

    /** One that has no turn, and an outcome for each recipient. */
    void end(Attempt unstarted) {
        active.add(unstarted);
        active.finish(unstarted);
    }

    @Override
    public SmtpConnection.Owner owner() {
        return fleet;
    }
}
