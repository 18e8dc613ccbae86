package org.postroad.deliverer.send;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.address.Itinerary;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.Outcomes;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.TlsPolicy;

/**
 * One delivery's stay at this node: where it has been, what has been decided of each recipient, and how far it has come. It does nothing
 * by itself; a {@link Carrier} moves it on.
 *
 * <p>Confined to its destination's loop.
 */
final class Attempt implements SmtpConnection.Opener, Transaction.Sender {
    private static final AttemptState WAITING = new AttemptState.Waiting();
    private static final AttemptState JUDGED = new AttemptState.Judged();
    private static final AttemptState ENDED = new AttemptState.Ended();

    /** Who hears of its connections and its transactions. */
    interface Events {
        SmtpConnection.Owner owner();

        void opened(Attempt attempt, SmtpConnection connection);

        void notOpened(Attempt attempt, SmtpConnection connection, Breakdown why);

        void dotDue(Attempt attempt, SmtpConnection connection);

        void promoted(Attempt attempt);

        void ended(Attempt attempt, SmtpConnection connection, Transaction transaction);
    }

    /** Its destination counts it among those that use a connection. */
    boolean holdsSlot;

    /** Few messages with such content are under way at once. */
    final boolean large;

    final Outcomes outcomes;
    final Trouble trouble = new Trouble();
    private final OpenDelivery open;
    private final ContentSource source;
    private final Events events;
    private AttemptState state = WAITING;
    private @Nullable RouteQueue queue;
    private @Nullable Letter letter;
    private @Nullable Itinerary itinerary;
    private boolean leaving;
    private @Nullable Outcome instead;

    /** @param source of content that is not in the envelope */
    Attempt(OpenDelivery open, ContentSource source, Events events) {
        this.open = open;
        this.source = source;
        this.events = events;
        this.outcomes = new Outcomes(envelope().getRecipients());
        this.large = ContentSource.isLarge(envelope().getContent());
    }

    OpenDelivery open() {
        return open;
    }

    Envelope envelope() {
        return open.delivery().getEnvelope();
    }

    AttemptState state() {
        return state;
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

    /** Its partition leaves this node: nothing more of it is begun. */
    void leave() {
        leaving = true;
    }

    /** Nothing more of it is begun: who of it has no outcome yet has this one. */
    void stop(Outcome outcome) {
        leaving = true;
        instead = outcome;
    }

    /** What is to become of whoever has no outcome; null when it goes back as it came. */
    @Nullable
    Outcome instead() {
        return instead;
    }

    boolean isLeaving() {
        return leaving;
    }

    boolean isEnded() {
        return state == ENDED;
    }

    boolean isJudged() {
        return state == JUDGED;
    }

    boolean isWanted() {
        return !isEnded() && !leaving;
    }

    /** The form in which SMTP can say it. */
    Letter letter() {
        letter = letter == null ? Letter.of(envelope(), source) : letter;
        return letter;
    }

    ReplySource said(long nowMillis) {
        return trouble.said(nowMillis);
    }

    /** Nothing rides that must be looked at first. */
    boolean mayRide() {
        return trouble.mayRide() && !letter().isHeaderUnknown() && !letter().requiresTls() && !Doubt.isOf(envelope());
    }

    /** Its turn has come, and these are the addresses that there are. */
    void planned(AddressPlan found, long now) {
        itinerary = new Itinerary(trouble.lastWhereItBroke(Doubt.last(found, envelope())), now);
    }

    /** How far it has come in its addresses. */
    Itinerary itinerary() {
        return Objects.requireNonNull(itinerary, "no addresses yet");
    }

    /** Whether any open connection to a preferred address will do. */
    boolean takesIdle() {
        return itinerary().isAtStart() && !trouble.wantsFreshConnection();
    }

    /** It has this connection now, open or opening. */
    void connected(SmtpConnection connection) {
        move(new AttemptState.Connected(connection));
    }

    /** It has no connection any more, and needs another, or none. */
    void disconnected() {
        if (!isEnded()) {
            move(WAITING);
        }
    }

    /** Whether whoever is there may have it; others may where this one may not. */
    boolean mayHave(SmtpConnection open) {
        return !letter().requiresPromises() || promisesTls(open);
    }

    /** RFC 8689 section 4.2.1, steps 4 and 5. */
    private static boolean promisesTls(SmtpConnection open) {
        return open.isEncrypted()
                && open.endpoint().tls() == TlsPolicy.VERIFIED
                && open.offered().requireTls();
    }

    /** No address is left. */
    Outcome unreachable(long nowMillis) {
        return letter().requiresPromises() ? trouble.withoutPromise(nowMillis) : trouble.unreachable(nowMillis);
    }

    /** What is to be said on this connection, or null when its exchanger's offer has decided everything. */
    @Nullable
    Transaction sendOn(SmtpConnection to, long nowMillis) {
        Capabilities offered = to.offered();
        trouble.goingTo(to.endpoint());
        Letter sent = letter();
        Outcome forbidden =
                RoutePolicy.ofOffer(offered, sent.content().octets(), sent.needsSmtpUtf8(), said(nowMillis));
        if (forbidden != null) {
            outcomes.judgeOpen(forbidden);
            return null;
        }
        int[] recipients = outcomes.open();
        Transaction transaction = sent.transaction(this, recipients, offered, sent.requiresTls() && promisesTls(to));
        move(new AttemptState.Sending(to, transaction, recipients));
        return transaction;
    }

    void judged() {
        move(JUDGED);
    }

    /** What has not begun to be sent must not be. */
    void end() {
        if (state instanceof AttemptState.Sending sending) {
            sending.transaction().takeBack();
        }
        move(ENDED);
    }

    private void move(AttemptState next) {
        assert !isEnded() : "a second end of " + envelope().getQueueId();
        state = next;
    }

    @Override
    public void opened(SmtpConnection connection) {
        events.opened(this, connection);
    }

    @Override
    public void notOpened(SmtpConnection connection, Breakdown why) {
        events.notOpened(this, connection, why);
    }

    @Override
    public SmtpConnection.Owner owner() {
        return events.owner();
    }

    @Override
    public void dotDue(SmtpConnection connection) {
        events.dotDue(this, connection);
    }

    @Override
    public void promoted(SmtpConnection connection) {
        events.promoted(this);
    }

    @Override
    public void ended(SmtpConnection connection, Transaction transaction) {
        events.ended(this, connection, transaction);
    }
}
