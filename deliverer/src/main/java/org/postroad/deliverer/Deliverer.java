package org.postroad.deliverer;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.ClientSettings;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.OutcomeRecords;
import org.postroad.deliverer.commit.OutcomeWriter;
import org.postroad.deliverer.commit.PollerMetrics;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.content.ContentReader;
import org.postroad.deliverer.content.ContentReaders;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.deliverer.poll.DeliveryPoller;
import org.postroad.deliverer.poll.Handout;
import org.postroad.deliverer.poll.Membership;
import org.postroad.deliverer.poll.MembershipChanges;
import org.postroad.deliverer.poll.SessionProof;
import org.postroad.deliverer.retry.DueHeads;
import org.postroad.deliverer.retry.EarlyScan;
import org.postroad.deliverer.retry.JobScan;
import org.postroad.deliverer.retry.RecoveryChannel;
import org.postroad.deliverer.retry.RetryMetrics;
import org.postroad.deliverer.retry.RetryReader;
import org.postroad.deliverer.send.Destinations;
import org.postroad.schemas.AbandonedTransactions;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Refusal;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.ControlReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role that carries mail to its exchangers: a poller and its membership, readers of waiting mail, content and policies, each with its
 * thread, and the event loops behind {@link Dispatch}.
 */
public final class Deliverer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deliverer.class);

    /** Some 50 ms of work at full speed, and several commits: more means that Kafka does not keep up. */
    private static final int IN_DOUBT_LIMIT = 2_000;

    /** Open mail never takes more heap than this, inline content included; the rest is for connections and clients. */
    private static final long OCTETS_LIMIT =
            Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

    /** After the drain limit: the last commit, and leaving the group. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(25);

    private static final CloseOptions LEAVE = CloseOptions.groupMembershipOperation(
                    CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(Duration.ofSeconds(5));

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Duration drainLimit;
    private final Membership membership;
    private final DeliveryPoller poller;
    private final RetryReader retryReader;
    private final ContentReaders contentReaders;
    private final ControlReader controlReader;
    private final Dispatch dispatch;
    private final Thread memberThread;
    private final Thread pollerThread;
    private final Thread retryThread;
    private final List<Thread> contentThreads;
    private final Thread controlThread;

    /** Makes the event loops' side, which also is told what it needs of ours. */
    @FunctionalInterface
    public interface DispatchStart {
        Dispatch start(Completions completions, Lease lease, ContentSource content, Recoveries recoveries);
    }

    /** Starts the role under this host's name. */
    public static Deliverer start(
            DelivererConfig config,
            KafkaSettings kafka,
            Topics topics,
            KnownSchemas schemas,
            CollectorRegistry metrics) {
        return start(config, kafka, topics, schemas, metrics, hostName());
    }

    /**
     * Starts the role under a stable name.
     *
     * @param instance of this node, unique and the same after a restart: the restarted node then ends at once the transactions that
     *     its killed predecessor left open, which otherwise hold back readers for ten seconds
     */
    public static Deliverer start(
            DelivererConfig config,
            KafkaSettings kafka,
            Topics topics,
            KnownSchemas schemas,
            CollectorRegistry metrics,
            String instance) {
        DispatchStart destinations = (completions, lease, content, recoveries) ->
                Destinations.start(config, completions, lease, content, recoveries, metrics, Clock.systemUTC());
        return start(config, kafka, topics, schemas, metrics, instance, destinations);
    }

    /**
     * Starts the role with another side for the event loops.
     *
     * @param instance as above
     */
    public static Deliverer start(
            DelivererConfig config,
            KafkaSettings kafka,
            Topics topics,
            KnownSchemas schemas,
            CollectorRegistry metrics,
            String instance,
            DispatchStart dispatches) {
        Deliverer deliverer = new Deliverer(config, kafka, topics, schemas, metrics, instance, dispatches);
        try {
            deliverer.controlReader.begin();
        } catch (RuntimeException e) {
            deliverer.close();
            throw e;
        }
        deliverer.contentThreads.forEach(Thread::start);
        deliverer.retryThread.start();
        deliverer.controlThread.start();
        deliverer.pollerThread.start();
        deliverer.memberThread.start();
        return deliverer;
    }

    private Deliverer(
            DelivererConfig config,
            KafkaSettings kafka,
            Topics topics,
            KnownSchemas schemas,
            CollectorRegistry metrics,
            String instance,
            DispatchStart dispatches) {
        this.drainLimit = config.drainLimit();
        ControlTopic control = new ControlTopic(kafka, topics, schemas);
        control.publishSchemas();
        Clock clock = Clock.systemUTC();
        Ticker ticker = Ticker.systemTicker();

        AbandonedTransactions abandoned = new AbandonedTransactions(
                kafka,
                "postroad-deliverer-admin-" + instance,
                topics.delivererTransactions(),
                AbandonedTransactions.ABANDONED_AFTER);

        String content = topics.content().name();
        Consumer<byte[], byte[]> contents =
                new KafkaConsumer<>(ClientSettings.contentReader(kafka, "postroad-content-" + instance));
        Consumer<byte[], byte[]> largeContents =
                new KafkaConsumer<>(ClientSettings.largeContentReader(kafka, "postroad-content-large-" + instance));
        this.contentReaders = new ContentReaders(
                new ContentReader(contents, content, ticker), new ContentReader(largeContents, content, true, ticker));

        String pollerClient = "postroad-deliverer-" + instance;
        Consumer<byte[], byte[]> member = new KafkaConsumer<>(
                ClientSettings.membership(kafka, pollerClient, topics.delivererGroup(), drainLimit));
        Lease lease = new Lease(IN_DOUBT_LIMIT);
        MembershipChanges changes = new MembershipChanges();
        SessionProof proof = new SessionProof(lease, ticker.nanoTime());
        this.membership = new Membership(
                member, topics.outbound().name(), topics.control().name(), changes, proof, ticker, abandoned::end);
        Consumer<byte[], byte[]> outbound = new KafkaConsumer<>(
                ClientSettings.outboundReader(kafka, "postroad-outbound-" + instance, topics.delivererGroup()));
        Assignments assignments = new Assignments();
        OutcomeWriter writer = new OutcomeWriter(
                producers(kafka, pollerClient, topics.transactionalId("deliverer-" + instance)),
                outbound,
                assignments::group,
                assignments::isCurrent,
                ticker);
        PollerMetrics counts = new PollerMetrics(metrics);
        OutcomeRecords records = new OutcomeRecords(
                topics, schemas, new RetryPolicy(config.retry().schedule()));
        CommitCycle commits = new CommitCycle(assignments, writer, records, lease, counts, clock, ticker);

        String retryClient = "postroad-retry-" + instance;
        Consumer<byte[], byte[]> waiting =
                new KafkaConsumer<>(ClientSettings.retryReader(kafka, retryClient, topics.retryGroup()));
        Consumer<byte[], byte[]> ahead =
                new KafkaConsumer<>(ClientSettings.retryScan(kafka, "postroad-retry-ahead-" + instance));
        Consumer<byte[], byte[]> forJobs =
                new KafkaConsumer<>(ClientSettings.retryScan(kafka, "postroad-retry-jobs-" + instance));
        RetryMetrics retryMetrics = RetryMetrics.of(metrics);
        Counter released = retryMetrics.released();
        MailReader mails = new MailReader(schemas);
        JobScan jobs = new JobScan(forJobs, topics, schemas, new SchemaLessons(control), retryMetrics, clock, ticker);
        EarlyScan early = new EarlyScan(ahead, topics, mails, jobs, released, clock);
        this.retryReader = new RetryReader(
                waiting,
                producers(kafka, retryClient, topics.transactionalId("retry-" + instance)),
                topics,
                mails,
                early,
                jobs,
                new DueHeads(topics, mails, new SchemaLessons(control), early, jobs, released, clock, ticker),
                ticker);

        RecoveryChannel recoveries = new RecoveryChannel(
                () -> new KafkaProducer<>(ClientSettings.recoveries(kafka, "postroad-recoveries-" + instance)),
                topics,
                new Codec<>(Policy.class, schemas),
                retryReader::recovered,
                clock);
        this.dispatch = dispatches.start(commits, lease, contentReaders, recoveries);
        this.controlReader = new ControlReader(
                new KafkaConsumer<>(kafka.consumer("postroad-control-" + instance)),
                topics.control().name(),
                schemas,
                clock,
                ticker::nanoTime,
                new ControlListener(config.limits(), dispatch, recoveries, retryReader, schemas.ignored()));
        Handout handout = new Handout(
                outbound,
                assignments,
                dispatch,
                commits,
                new Codec<>(Delivery.class, schemas),
                new SchemaLessons(control),
                ticker);
        this.poller = new DeliveryPoller(
                outbound,
                changes,
                assignments,
                handout,
                commits,
                dispatch,
                lease,
                new DeliveryPoller.Settings(drainLimit, OCTETS_LIMIT),
                ticker);

        this.contentThreads = List.of(
                thread("postroad-content", contentReaders.ordinary(), () -> contents.close(LEAVE)),
                thread("postroad-content-large", contentReaders.large(), () -> largeContents.close(LEAVE)));
        this.retryThread = thread("postroad-retry", retryReader, () -> {
            waiting.close(LEAVE);
            ahead.close(LEAVE);
            forJobs.close(LEAVE);
            retryReader.closeWriter();
        });
        this.controlThread = thread("postroad-control", controlReader, recoveries);
        this.memberThread = thread("postroad-member", membership, () -> {
            member.close(LEAVE);
            abandoned.close();
        });
        this.pollerThread = thread("postroad-poller", poller, () -> {
            lease.end();
            writer.close();
            outbound.close(LEAVE);
        });
    }

    private static Function<Duration, Producer<byte[], byte[]>> producers(
            KafkaSettings kafka, String clientId, String transactionalId) {
        return limit -> new KafkaProducer<>(ClientSettings.outcomes(kafka, clientId, transactionalId, limit));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Whether the node is a member of its group. */
    public boolean isReady() {
        return isLive() && membership.isJoined();
    }

    /** Whether its threads run; false for good after one of them stopped, and why is in {@link #ended}. */
    public boolean isLive() {
        return !ended.isDone() && threads().allMatch(Thread::isAlive);
    }

    private Stream<Thread> threads() {
        return Stream.concat(
                Stream.of(memberThread, pollerThread, retryThread, controlThread), contentThreads.stream());
    }

    /** Completes when the role was closed; exceptionally when it stopped by itself, with one line that says why. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** What ended it; null while it lives, and when it was closed. */
    public @Nullable Throwable fault() {
        return ended.handle((closed, fault) -> fault).getNow(null);
    }

    /** Starts nothing more, waits within the drain limit for what is past its final dot, commits, leaves the group. */
    @Override
    public void close() {
        poller.close();
        retryReader.close();
        join(pollerThread, drainLimit.plus(CLOSE_LIMIT));
        join(memberThread, CLOSE_LIMIT);
        contentReaders.close();
        controlReader.close();
        join(retryThread, CLOSE_LIMIT);
        contentThreads.forEach(thread -> join(thread, CLOSE_LIMIT));
        join(controlThread, CLOSE_LIMIT);
        if (dispatch instanceof AutoCloseable closeable) {
            closeQuietly(closeable);
        }
        ended.complete(null);
    }

    private Thread thread(String name, Runnable loop, AutoCloseable clients) {
        Runnable guarded = () -> {
            try {
                loop.run();
            } catch (RuntimeException | Error e) {
                AuthorizationException refusal = Refusal.in(e);
                if (refusal == null) {
                    LOG.atError().addKeyValue("thread", name).setCause(e).log("the deliverer stops");
                } else {
                    LOG.atError()
                            .addKeyValue("thread", name)
                            .addKeyValue("cause", refusal.getMessage())
                            .log("the deliverer stops: Kafka does not grant what it needs");
                }
                ended.completeExceptionally(e);
            } finally {
                closeQuietly(clients);
            }
        };
        return new Thread(guarded, name);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            if (Refusal.in(e) == null) { // why it ends has been said
                LOG.atWarn().setCause(e).log("a part of the deliverer did not end cleanly");
            }
        }
    }

    private static void join(Thread thread, Duration limit) {
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
