package org.postroad.schemas;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the producer transactions that a dead node left open. Readers see nothing behind an open one, so the dead would hold up all mail of
 * the partitions it wrote to for its transaction's time limit, and for as long as a broker takes to look (10 s by default).
 *
 * <p>A survivor asks for it when its group has lost a member. By then the dead have not been heard of for their session, while the living
 * commit within milliseconds: what has been open for {@link #ABANDONED_AFTER} is theirs. A living one that was fenced by mistake takes up
 * its work again with a new producer (KIP-360), and loses and repeats nothing. Never waits: the answers come on the client's own thread.
 */
public final class AbandonedTransactions implements AutoCloseable {
    /** Less than the shortest session (6 s) without the heartbeat before it; far more than a commit takes. */
    public static final Duration ABANDONED_AFTER = Duration.ofSeconds(4);

    private static final Logger LOG = LoggerFactory.getLogger(AbandonedTransactions.class);

    private final Admin admin;
    private final List<String> prefixes;
    private final Duration abandonedAfter;
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * @param prefixes how the transactional ids of this node's role begin: those of other roles it may not end
     * @param abandonedAfter how long one may have been open
     */
    public AbandonedTransactions(KafkaSettings kafka, String clientId, List<String> prefixes, Duration abandonedAfter) {
        this.admin = Admin.create(kafka.admin(clientId));
        this.prefixes = List.copyOf(prefixes);
        this.abandonedAfter = abandonedAfter;
    }

    /** Looks for them and ends them, later. */
    public void end() {
        ListTransactionsOptions open = new ListTransactionsOptions()
                .filterStates(Set.of(TransactionState.ONGOING))
                .filterOnDuration(abandonedAfter.toMillis());
        // Each broker by itself: one that is silent must not hide what the others know.
        admin.listTransactions(open).byBrokerId().whenComplete((brokers, failure) -> {
            if (brokers == null) {
                found(null, failure);
            } else {
                brokers.values().forEach(listed -> listed.whenComplete(this::found));
            }
        });
    }

    private void found(@Nullable Collection<TransactionListing> listed, @Nullable Throwable failure) {
        if (closing.getCount() == 0) {
            return;
        }
        if (listed == null) {
            LOG.atWarn()
                    .addKeyValue("why", String.valueOf(failure))
                    .log("whether a dead node left transactions open is not known");
            return;
        }
        List<String> ours = listed.stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> prefixes.stream().anyMatch(id::startsWith))
                .toList();
        if (!ours.isEmpty()) {
            admin.fenceProducers(ours).all().whenComplete((done, refused) -> LOG.atWarn()
                    .addKeyValue("transactionalIds", ours)
                    .addKeyValue("refused", String.valueOf(refused))
                    .log("ended the transactions that a dead node left open"));
        }
    }

    @Override
    public void close() {
        closing.countDown();
        admin.close(Duration.ofSeconds(1));
    }
}
