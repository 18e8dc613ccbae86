package org.postroad.deliverer.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Completion;
import org.postroad.deliverer.work.ContentSource;
import org.postroad.deliverer.work.OpenDelivery;
import org.postroad.deliverer.work.Outcome;
import org.postroad.deliverer.work.RecipientOutcome;
import org.postroad.schemas.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One delivery's stay at this node: it waits, tries address after address, and ends once, with an outcome for each
 * recipient or given back.
 *
 * <p>Confined to its destination's loop. Whatever is thrown here ends in {@link #fault}, so no delivery is lost to it.
 */
final class Attempt implements SmtpConnection.Opener, Transaction.Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    final Destination destination;

    /** Its destination counts it among those that use a connection. */
    boolean holdsSlot;

    /** Few messages with such content are under way at once. */
    final boolean large;

    private final OpenDelivery open;
    private final Fates fates;
    private @Nullable Letter letter;
    private @Nullable RouteQueue queue;
    private @Nullable Itinerary itinerary;
    private boolean leaving;
    private boolean judged;
    private boolean completed;
    private final Trouble trouble = new Trouble();
    private @Nullable SmtpConnection connection;
    private @Nullable Transaction transaction;
    private int[] sending = {};

    Attempt(Destination destination, OpenDelivery open) {
        this.destination = destination;
        this.open = open;
        this.fates = new Fates(envelope().getRecipients());
        this.large = ContentSource.isLarge(envelope().getContent());
    }

    OpenDelivery open() {
        return open;
    }

    /** Where it waits, from its arrival on: of mail that has exchangers to go to. */
    RouteQueue queue() {
        return Objects.requireNonNull(queue, "no exchangers");
    }

    void queue(RouteQueue waitsIn) {
        queue = waitsIn;
    }

    boolean isExpired(long nowMillis) {
        return envelope().getExpiry() < nowMillis;
    }

    @Override
    public boolean isWanted() {
        return !completed && !leaving;
    }

    /** Its turn has come: finds out where it can go, and goes. */
    void begin() {
        guarded(() -> {
            trouble.begin();
            letter().judgeAddresses(fates, words());
            if (fates.isAllJudged()) {
                finish();
            } else {
                destination.plan(this, this::planned);
            }
        });
    }

    private void planned(AddressPlan found) {
        guarded(() -> {
            if (completed) {
                return;
            }
            itinerary = new Itinerary(trouble.lastWhereItBroke(Doubt.last(found, envelope())), destination.now());
            if (found.endpoints().isEmpty()) {
                finishWith(RoutePolicy.withoutAddresses(found, open.delivery(), words()));
            } else if (!destination.mayGoTo(found.endpoints().get(0), this)) {
                destination.putBack(this);
            } else { // no connection is taken for content that is not there yet
                letter().readBeginning(destination.loop(), instead -> guarded(() -> begun(instead)));
            }
        });
    }

    private void begun(@Nullable Outcome instead) {
        if (!completed && instead != null) {
            finishWith(instead);
        } else if (!completed) {
            proceed();
        }
    }

    /** Nothing rides that must be looked at first. */
    boolean mayRide() {
        return trouble.mayRide() && !letter().isHeaderUnknown() && !Doubt.isOf(envelope());
    }

    private Letter letter() {
        letter = letter == null ? Letter.of(envelope(), destination.outfit().content()) : letter;
        return letter;
    }

    /** An idle connection to a preferred address, else a new one to the next. */
    private void proceed() {
        Itinerary ways = itinerary();
        SmtpConnection idle =
                ways.isAtStart() && !trouble.wantsFreshConnection() ? destination.takeIdle(ways.plan()) : null;
        if (idle != null) {
            send(idle);
        } else if (ways.hasNext(destination.now())) {
            connect(ways.next(destination.now()));
        } else {
            unreachable();
        }
    }

    private Itinerary itinerary() {
        return Objects.requireNonNull(itinerary, "no addresses yet");
    }

    /** Where connections broke lately, for whomever, this message's would too: that counts as its own. */
    private void connect(Endpoint endpoint) {
        Endpoint next = trouble.goingTo(endpoint);
        Breakdown lately = destination.waitsFor(endpoint);
        if (lately != null) {
            trouble.ended(lately);
            proceed();
            return;
        }
        connection = destination.mayGoTo(next, this) ? destination.connect(next, queue(), this) : null;
        if (connection == null) {
            destination.putBack(this);
        }
    }

    @Override
    public void opened(SmtpConnection opened) {
        guarded(() -> {
            destination.opened(opened);
            if (completed) {
                connection = null;
                destination.idle(opened);
            } else {
                send(opened);
            }
        });
    }

    @Override
    public void notOpened(SmtpConnection failed, Breakdown why) {
        guarded(() -> {
            connection = null;
            if (completed) {
                return;
            }
            trouble.ended(why);
            destination.notOpened(this, why);
            if (destination.isOnlyFull(this, failed, why)) {
                destination.putBack(this);
            } else if (FailurePolicy.isTlsTrouble(why) && destination.mayGoInClear(failed.endpoint())) {
                trouble.tlsFailed(failed.endpoint());
                connect(failed.endpoint().inClear());
            } else {
                destination.notConnected(queue(), failed, why);
                proceed();
            }
        });
    }

    private void unreachable() {
        Outcome outcome = trouble.unreachable(destination.outfit().nowMillis());
        finishWith(outcome);
        destination.unreachable(queue(), outcome);
    }

    private void send(SmtpConnection idle) {
        connection = idle;
        Transaction next = transactionFor(idle);
        if (next != null) {
            idle.begin(next);
        } else {
            connection = null;
            finish();
            destination.idle(idle);
        }
    }

    /** What is to be said on this connection, or null when its exchanger's offer has decided everything. */
    @Nullable
    Transaction transactionFor(SmtpConnection to) {
        Capabilities offered = to.offered();
        trouble.goingTo(to.endpoint());
        Letter sent = letter();
        Outcome forbidden = RoutePolicy.ofOffer(offered, sent.content().octets(), sent.needsSmtpUtf8(), words());
        if (forbidden != null) {
            fates.judgeOpen(forbidden);
            return null;
        }
        sending = fates.open();
        connection = to;
        transaction = sent.transaction(this, sending, offered);
        return transaction;
    }

    /** Goes in the flight of another message's dot; null when the exchanger's offer has decided everything. */
    @Nullable
    Transaction ride(SmtpConnection with, AddressPlan known) {
        try {
            itinerary = new Itinerary(known, destination.now());
            letter().judgeAddresses(fates, words());
            Transaction rider = fates.isAllJudged() ? null : transactionFor(with);
            if (rider == null) {
                finish();
            }
            return rider;
        } catch (Throwable bug) {
            connection = null; // it carries another message's content
            fault(bug);
            return null;
        }
    }

    @Override
    public void ended(SmtpConnection from, Transaction ended) {
        guarded(() -> {
            transaction = null;
            connection = null;
            destination.promote(from); // before anything can go wrong: the connection is its rider's now
            boolean last = leaving || !itinerary().hasNext(destination.now());
            FailurePolicy.Judgement judgement = FailurePolicy.judge(
                    ended,
                    new FailurePolicy.Circumstances(words(), from.isEncrypted(), last, destination.refusedRun()));
            destination.learn(this, from, ended, judgement);
            if (completed) {
                return;
            }
            fates.judge(sending, judgement.outcomes());
            Breakdown why = ended.breakdown();
            trouble.ended(why);
            if (why != null && why.kind() == Breakdown.Kind.CONTENT_GONE) {
                LOG.atError().addKeyValue("queueId", envelope().getQueueId()).log("ALARM: {}", why.detail());
            }
            goOn(from, judgement.rest());
        });
    }

    private void goOn(SmtpConnection from, FailurePolicy.Rest rest) {
        if (leaving && rest != FailurePolicy.Rest.NONE) {
            giveBack();
            return;
        }
        switch (rest) {
            case NONE -> finish();
            case NEXT_ADDRESS -> {
                trouble.brokeAt(from.endpoint());
                proceed();
            }
            case PUT_BACK -> destination.putBack(this);
            case ANOTHER_TRANSACTION -> {
                itinerary().restart();
                if (from.isIdle()) {
                    send(from);
                } else {
                    proceed();
                }
            }
        }
    }

    /** Its partition leaves this node: what is past the dot is waited for, everything else goes back. */
    void leave() {
        leaving = true;
        Transaction under = transaction;
        if (completed || under != null && under.isDotSent()) {
            return;
        }
        SmtpConnection on = connection;
        giveBack();
        if (under != null && on != null && !under.isRiding()) {
            on.abort("its partition left this node");
        }
    }

    /** No more time: what is past the dot ends in doubt. */
    void abandon() {
        leave();
        if (!completed && connection != null) {
            connection.abort("its partition left this node");
        }
    }

    /** Unstarted, as it came; what has outcomes already keeps them. */
    void giveBack() {
        if (fates.isAllOpen()) {
            complete(Completion.givenBack(open));
        } else {
            fates.judgeOpen(new Outcome.Untried(Duration.ZERO, "its partition left this node"));
            completeWith(HeaderSection.NONE);
        }
    }

    void finishWith(Outcome outcome) {
        fates.judgeOpen(outcome);
        finish();
    }

    /** Every recipient has its outcome; a bounce wants the header section, which may have to be read. */
    private void finish() {
        if (judged || completed) {
            return;
        }
        judged = true;
        destination.released(this);
        if (fates.needsHeader(isExpired(destination.outfit().nowMillis()))) {
            ContentSource source = destination.outfit().content();
            HeaderSection.read(envelope(), source, destination.loop(), header -> guarded(() -> completeWith(header)));
        } else {
            completeWith(HeaderSection.NONE);
        }
    }

    private void completeWith(ByteBuffer header) {
        if (completed) {
            return; // given back while the header was read
        }
        List<RecipientOutcome> all = fates.all();
        all.forEach(one -> destination.outfit().metrics().outcome(one.outcome()));
        complete(new Completion(open, all, header));
    }

    private void complete(Completion completion) {
        assert !completed : "a second end of " + envelope().getQueueId();
        if (completed) {
            destination.outfit().metrics().doubleCompletion();
            return;
        }
        completed = true;
        destination.released(this);
        destination.left(this);
        destination.outfit().completions().complete(completion);
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    /** An exception nobody foresaw: the delivery comes back, and is not to blame. */
    void fault(Throwable bug) {
        LOG.atError()
                .setCause(bug)
                .addKeyValue("queueId", envelope().getQueueId())
                .log("unforeseen exception in a delivery");
        if (!completed) {
            SmtpConnection on = connection;
            fates.judgeOpen(FailurePolicy.fault(bug, words()));
            completeWith(HeaderSection.NONE);
            if (on != null) {
                on.abort("unforeseen exception");
            }
        }
    }

    private Words words() {
        return trouble.words(destination.outfit().nowMillis());
    }

    Envelope envelope() {
        return open.delivery().getEnvelope();
    }
}
