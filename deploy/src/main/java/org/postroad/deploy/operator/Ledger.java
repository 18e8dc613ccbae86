package org.postroad.deploy.operator;

import java.util.Map;
import java.util.function.LongConsumer;
import org.postroad.schemas.Caps;
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
     * @param writtenOff the part of the difference that an operator knows of
     * @param unreadable rejected records of which nobody knows the recipients
     * @param gaps whether events were deleted before anybody counted them, and no operator knows of it
     * @param newer recipients of events of kinds that only newer nodes know, some of which may be ends of mail
     */
    public record Balance(
            Terms terms, boolean moving, long writtenOff, long unreadable, boolean gaps, Map<String, Long> newer) {
        /** What came into being and is nowhere; negative: what is somewhere and never came into being. */
        public long missing() {
            return terms.missing() - writtenOff;
        }

        public boolean isBalanced() {
            return missing() == 0;
        }

        /** Whether something is wrong that no mail in flight can explain. */
        public boolean isFinding() {
            return !isBalanced() && !moving;
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
        return counted().balance();
    }

    /**
     * The same, and brings the balance forward, so that the next one reads only what comes from now on.
     *
     * @param nowMillis milliseconds since 1970
     */
    public Balance balanceAndBringForward(long nowMillis) {
        Counted counted = counted();
        try {
            brought.write(counted.fates().sums(), nowMillis);
        } catch (UnreachableException notAllowedPerhaps) {
            // Nodes do it within the hour, and have the right to.
            LOG.atDebug().setCause(notAllowedPerhaps).log("the balance was not brought forward");
        }
        return counted.balance();
    }

    /**
     * The same, and takes the difference as known from now on, unless mail moved so that there is no telling it.
     *
     * @param reason kept with it
     */
    public Balance balanceAndWriteOff(String reason, long nowMillis) {
        Counted counted = counted();
        Balance found = counted.balance();
        if (found.moving()) {
            return found;
        }
        brought.write(counted.fates().sums(), nowMillis);
        brought.writeOff(
                found.terms().missing(), counted.fates().gaps(), Caps.cut(reason, Caps.REPLY_TEXT_OCTETS), nowMillis);
        return new Balance(found.terms(), false, found.terms().missing(), found.unreadable(), false, found.newer());
    }

    /** A balance with the events that it counted. */
    private record Counted(Balance balance, FateCount fates) {}

    private Counted counted() {
        cluster.requireTopics();
        BroughtForward.Brought known = brought.read();
        FateCount fates = new FateCount(cluster.kafka(), known.sums());
        Terms before = null;
        for (int i = 1; ; i++) {
            Look look = new Look(cluster, schemas, fates, this::count);
            Terms terms = look.take();
            boolean clean = look.isWhole() && terms.missing() == known.writtenOff();
            boolean confirmed = look.isWhole() && before != null && before.missing() == terms.missing();
            if (clean || confirmed || i == LOOKS) {
                boolean gaps = fates.gaps() > known.writtenOffGaps();
                boolean moving = !clean && !confirmed;
                Balance balance =
                        new Balance(terms, moving, known.writtenOff(), fates.unreadable(), gaps, fates.newer());
                return new Counted(balance, fates);
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
