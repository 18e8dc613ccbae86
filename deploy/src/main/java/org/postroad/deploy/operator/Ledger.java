package org.postroad.deploy.operator;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.KnownSchemas;

/**
 * Adds up every recipient that ever was against where each one is now.
 *
 * <p>A cut is many answers of the cluster, and mail that moves between two of them may be seen twice or not at all. So a
 * ledger that does not balance looks again while mail moves; one that does not balance while all stands still has found
 * something, and says so.
 */
public final class Ledger {
    private static final int LOOKS = 5;

    private final Cluster cluster;
    private final KnownSchemas schemas;
    private final FateCount fates;
    private final LongConsumer progress;
    private long read;

    /**
     * The result.
     *
     * @param moving mail moved while it was counted, so a difference may mean nothing
     */
    public record Balance(Terms terms, boolean moving) {}

    /** @param progress told now and then how many records were read */
    public Ledger(Cluster cluster, KnownSchemas schemas, LongConsumer progress) {
        this.cluster = cluster;
        this.schemas = schemas;
        this.fates = new FateCount(cluster.kafka());
        this.progress = progress;
    }

    public Balance balance() {
        Cut cut = cluster.cut();
        for (int look = 1; ; look++) {
            Terms terms = count(cut);
            if (terms.isBalanced()) {
                return new Balance(terms, false);
            }
            Cut next = cluster.cut();
            boolean moving = !next.isSameAs(cut);
            if (!moving || look == LOOKS) {
                return new Balance(terms, moving);
            }
            cut = next;
        }
    }

    private Terms count(Cut cut) {
        fates.readTo(cut.all(cluster.topics().events().name()), this::count);
        Waiting waiting = new Waiting(cluster, cut, schemas);
        long inbound = recipients(Waiting::onInbound, waiting);
        long again = recipients(Waiting::onAgain, waiting);
        return new Terms(
                fates.of(Event.Kind.ACCEPTED) + inbound,
                fates.of(Event.Kind.GENERATED),
                fates.of(Event.Kind.REPLAYED),
                fates.of(Event.Kind.DELIVERED),
                fates.of(Event.Kind.FAILED),
                fates.of(Event.Kind.DROPPED),
                recipients(Waiting::onHeld, waiting),
                fates.of(Event.Kind.REJECTED),
                inbound + again,
                recipients(Waiting::parked, waiting),
                recipients(
                        (where, reader) -> where.onOutbound(delivery -> reader.accept(delivery.getEnvelope())),
                        waiting),
                recipients(Waiting::onRetry, waiting));
    }

    private long recipients(BiConsumer<Waiting, Consumer<Envelope>> place, Waiting waiting) {
        long[] recipients = {0};
        place.accept(waiting, envelope -> {
            recipients[0] += envelope.getRecipients().size();
            count();
        });
        return recipients[0];
    }

    private void count() {
        if (++read % 100_000 == 0) {
            progress.accept(read);
        }
    }
}
