package org.postroad.deploy.operator;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds up every recipient that ever was against where each one is now.
 *
 * <p>Each {@link Look} is a consistent cut, so one that balances is the answer. A difference has to be found twice, the same each
 * time, before it is a finding. Where no whole cut can be had, because nodes delete what they handled faster than it is read, it
 * says that mail moves. Confined to one thread.
 */
public final class Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final int LOOKS = 5;
    private static final int TOLD_EVERY = 100_000;

    private final Cluster cluster;
    private final KnownSchemas schemas;
    private final BroughtForward brought;
    private final LongConsumer progress;
    private long read;

    /**
     * The result.
     *
     * @param moving no cut was whole, or no two had the same difference: a difference means nothing
     * @param unreadable rejected records of which nobody knows the recipients
     * @param gaps whether events were deleted before anybody counted them
     */
    public record Balance(Terms terms, boolean moving, long unreadable, boolean gaps) {
        /** Whether something is wrong that no mail in flight can explain. */
        public boolean isFinding() {
            return !terms.isBalanced() && !moving;
        }
    }

    /**
     * @param schemas learn what the control topic teaches
     * @param progress told now and then how many records were read
     */
    public Ledger(Cluster cluster, KnownSchemas schemas, LongConsumer progress) {
        this.cluster = cluster;
        this.schemas = schemas;
        this.brought = new BroughtForward(cluster.kafka(), cluster.topics(), schemas);
        this.progress = progress;
    }

    /** Blocks for as long as it takes to read what waits, and the events that nobody has counted. */
    public Balance balance() {
        cluster.requireTopics();
        FateCount fates = new FateCount(cluster.kafka(), brought.read());
        return balance(fates);
    }

    /**
     * The same, and brings the balance forward, so that the next one reads only what comes from now on.
     *
     * @param nowMillis milliseconds since 1970
     */
    public Balance balanceAndBringForward(long nowMillis) {
        cluster.requireTopics();
        FateCount fates = new FateCount(cluster.kafka(), brought.read());
        Balance balance = balance(fates);
        try {
            brought.write(fates.sums(), nowMillis);
        } catch (UnreachableException notAllowedPerhaps) {
            // Nodes do it within the hour, and have the right to.
            LOG.atDebug().setCause(notAllowedPerhaps).log("the balance was not brought forward");
        }
        return balance;
    }

    private Balance balance(FateCount fates) {
        @Nullable Terms before = null;
        for (int i = 1; ; i++) {
            Look look = new Look(cluster, schemas, fates, this::count);
            Terms terms = look.take();
            boolean clean = look.isWhole() && terms.isBalanced();
            boolean confirmed = look.isWhole() && before != null && before.missing() == terms.missing();
            if (clean || confirmed || i == LOOKS) {
                return new Balance(terms, !clean && !confirmed, fates.unreadable(), fates.hasGaps());
            }
            before = look.isWhole() ? terms : null;
        }
    }

    private void count() {
        if (++read % TOLD_EVERY == 0) {
            progress.accept(read);
        }
    }
}
