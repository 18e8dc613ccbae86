package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.CollectorRegistry;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.config.Source;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.deliverer.smtp.TlsUpgrade;
import org.postroad.testkit.ExchangerCertificate;

/** Destinations as a node runs them, with exchangers on loopback and completions that can be waited for. */
public final class FakeWorld implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final ContentSource NO_CONTENT =
            (ref, chunk, loop, receiver) -> loop.execute(() -> receiver.chunk(null, true));

    final Lease lease;
    final CollectorRegistry metrics = new CollectorRegistry();
    final Destinations destinations;
    private final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
    final BlockingQueue<RecoveryNotice> recoveries = new LinkedBlockingQueue<>();
    private long offset;

    FakeWorld(Limit limit, ContentSource content, boolean allowLocal, List<InetSocketAddress> dns) {
        this(new Source("default", "mail.sender.test", null), limit, content, allowLocal, dns, Integer.MAX_VALUE);
    }

    private FakeWorld(
            Source source,
            Limit limit,
            ContentSource content,
            boolean allowLocal,
            List<InetSocketAddress> dns,
            int mostInDoubt) {
        this(source, limit, content, allowLocal, dns, mostInDoubt, TlsUpgrade.create());
    }

    private FakeWorld(
            Source source,
            Limit limit,
            ContentSource content,
            boolean allowLocal,
            List<InetSocketAddress> dns,
            int mostInDoubt,
            TlsUpgrade tls) {
        DelivererConfig config = new DelivererConfig(
                25, List.of(source), List.of(limit), allowLocal, dns, RetryConfig.DEFAULT, Duration.ofSeconds(3));
        lease = new Lease(mostInDoubt);
        grantLease();
        destinations = Destinations.start(
                config, completions::add, lease, content, recoveries::add, metrics, Clock.systemUTC(), tls);
    }

    static FakeWorld start() {
        return limited(Limit.DEFAULT);
    }

    /** Where the certificate of an exchanger is one to be trusted, if its names are right. */
    static FakeWorld trusting(ExchangerCertificate certificate, InetSocketAddress... dns) {
        TlsUpgrade tls = TlsUpgrade.trusting(new X509Certificate[] {certificate.certificate()});
        Source source = new Source("default", "mail.sender.test", null);
        return new FakeWorld(source, connections(1), NO_CONTENT, true, List.of(dns), Integer.MAX_VALUE, tls);
    }

    /** Where so many dots are permitted between two commits. */
    static FakeWorld doubting(int mostInDoubt) {
        return new FakeWorld(
                new Source("default", "mail.sender.test", null),
                Limit.DEFAULT,
                NO_CONTENT,
                true,
                List.of(),
                mostInDoubt);
    }

    /** A lease for an hour, for as many dots as may be in doubt; tests that take it away do so themselves. */
    void grantLease() {
        for (int quickCommits = 0; quickCommits < Integer.SIZE; quickCommits++) {
            long now = Ticker.systemTicker().nanoTime();
            lease.renew(now + Duration.ofHours(1).toNanos(), now, lease.sent());
        }
    }

    static FakeWorld limited(Limit limit) {
        return new FakeWorld(limit, NO_CONTENT, true, List.of());
    }

    static FakeWorld reading(ContentSource content) {
        return new FakeWorld(Limit.DEFAULT, content, true, List.of());
    }

    static FakeWorld asking(InetSocketAddress dns, boolean allowLocal) {
        return new FakeWorld(Limit.DEFAULT, NO_CONTENT, allowLocal, List.of(dns));
    }

    static FakeWorld sending(Source source, InetSocketAddress... dns) {
        return new FakeWorld(source, Limit.DEFAULT, NO_CONTENT, true, List.of(dns), Integer.MAX_VALUE);
    }

    static Limit connections(int connections) {
        return new Limit("*", connections, 1_000, Duration.ofSeconds(5));
    }

    OpenDelivery send(Deliveries delivery) {
        OpenDelivery open = delivery.open(offset++);
        destinations.start(open);
        return open;
    }

    void send(Deliveries delivery, int count) {
        for (int i = 0; i < count; i++) {
            send(delivery);
        }
    }

    /** Everything that is under way ends now. */
    void abandonAll() {
        destinations.abandon(Set.of(new TopicPartition("outbound", 0)));
    }

    Completion next() throws InterruptedException {
        Completion completion = completions.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (completion == null) {
            throw new AssertionError("no completion came");
        }
        return completion;
    }

    List<Completion> next(int count) throws InterruptedException {
        List<Completion> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(next());
        }
        return all;
    }

    @Nullable
    Completion nextWithin(Duration time) throws InterruptedException {
        return completions.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What became of each recipient: "delivered 250 2.0.0", "deferred 451 4.7.1", "in doubt 451 4.4.2", ... */
    Map<String, String> fates(Deliveries delivery) throws InterruptedException {
        send(delivery);
        return fates(next());
    }

    static Map<String, String> fates(Completion completion) {
        Map<String, String> fates = new LinkedHashMap<>();
        for (RecipientOutcome one : completion.outcomes()) {
            fates.put(one.recipient().getAddress(), text(one.outcome()));
        }
        return fates;
    }

    public static String text(Outcome outcome) {
        return outcome.match(new Outcome.Cases<>(
                o -> "delivered " + o.reply().getCode() + " " + o.reply().getStatus(),
                o -> (o.inDoubt() ? "in doubt " : "deferred ") + o.reply().getCode() + " "
                        + o.reply().getStatus(),
                o -> "faulted",
                o -> "bounced " + o.reply().getCode() + " " + o.reply().getStatus(),
                o -> "untried",
                o -> "held"));
    }

    @Override
    public void close() {
        destinations.close();
        assertThat(completions.size()).as("completions nobody asked for").isZero();
        assertThat(metrics.getSampleValue("postroad_deliverer_double_completions_total"))
                .isZero();
        assertThat(metrics.getSampleValue("postroad_deliverer_connections")).isZero();
        assertThat(metrics.getSampleValue("postroad_deliverer_waiting")).isZero();
    }
}
