package org.postroad.ingress;

import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.hook.Hooks;
import org.postroad.ingress.idempotency.LoopRequests;
import org.postroad.ingress.idempotency.Requests;
import org.postroad.ingress.quota.ClaimLog;
import org.postroad.ingress.quota.Quotas;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;

/** What a node has once, and what it builds of that for each event loop, with its share of the node's limits. */
record SessionLoops(
        IngressConfig config,
        Intake.Road road,
        Codec<Envelope> codec,
        Producer<byte[], byte[]> producer,
        IngressMetrics metrics,
        KafkaOutage outage,
        KafkaOutage claimsOutage,
        KafkaOutage requestsOutage,
        Certificates certificates,
        @Nullable Credentials credentials,
        Composing composing,
        Quotas quotas,
        Requests requests,
        BrokerDisks disks,
        Hooks hooks,
        ProtocolLog protocolLog,
        SessionCounts counts,
        SessionCounts httpCounts,
        int loops) {
    /** Content in memory, all sessions together; some 180 MB/s reach Kafka's disk, so this is a third of a second. */
    static final long OCTETS_IN_FLIGHT = 64L * 1024 * 1024;

    /** Connections of HTTP, beside the sessions of SMTP: a fourth of their number. */
    private static final int HTTP_PART = 4;

    private static final int SEED_OCTETS = 48;

    static SessionLoops of(
            IngressConfig config,
            Topics topics,
            KnownSchemas schemas,
            Producer<byte[], byte[]> producer,
            IngressMetrics metrics,
            Certificates certificates,
            @Nullable Credentials credentials,
            Quotas quotas,
            Requests requests,
            BrokerDisks disks,
            Hooks hooks,
            ProtocolLog protocolLog,
            int loops) {
        int most = SessionLimit.ofThisProcess(config.maxSessions());
        return new SessionLoops(
                config,
                road(topics, producer, disks),
                new Codec<>(Envelope.class, schemas),
                producer,
                metrics,
                new KafkaOutage("messages"),
                new KafkaOutage("claims of quotas"),
                new KafkaOutage("keys of requests"),
                certificates,
                credentials,
                Composing.of(JsonMemory.ofThisProcess(metrics.jsonOctets())),
                quotas,
                requests,
                disks,
                hooks,
                protocolLog,
                new SessionCounts(most),
                new SessionCounts(Math.max(1, most / HTTP_PART)),
                loops);
    }

    private static Intake.Road road(Topics topics, Producer<byte[], byte[]> producer, BrokerDisks disks) {
        String inbound = topics.inbound().name();
        String content = topics.content().name();
        int partitions = IngressProducer.partitions(producer, content);
        StickyPartition turn = new StickyPartition(partitions, new SecureRandom().nextInt(partitions));
        return new Intake.Road(inbound, IngressProducer.partitions(producer, inbound), content, turn, disks::areFull);
    }

    /** Reads files again that have changed. */
    void refresh() {
        certificates.refresh();
        if (credentials != null) {
            credentials.refresh();
        }
    }

    IngressLoop on(EventLoop loop) {
        OctetBudget budget = new OctetBudget(OCTETS_IN_FLIGHT / loops, metrics.octetsInFlight());
        DurableLog log = new DurableLog(producer, loop, loop.ticker(), outage);
        // Seeded with entropy, so that no two nodes make the same ids; fast, since each message draws from it.
        byte[] seed = new SecureRandom().generateSeed(SEED_OCTETS);
        RandomGenerator random = RandomGeneratorFactory.of("L128X128MixRandom").create(seed);
        Sessions<SessionHandler> sessions = new Sessions<>(counts, metrics.sessions());
        Shedding shedding = new Shedding(sessions, budget, loop);
        budget.onPressure(shedding::relieve);
        DurableLog claimLog = new DurableLog(producer, loop, loop.ticker(), claimsOutage);
        ClaimLog claims = new ClaimsTopic(claimLog, quotas.topic());
        Intake intake = new Intake(
                config,
                road,
                codec,
                log,
                budget,
                quotas.on(loop, claims),
                hooks.on(loop, budget),
                Clock.systemUTC(),
                random);
        SessionLoop smtp = new SessionLoop(config, loop, intake, sessions, certificates, credentials, protocolLog);
        return new IngressLoop(smtp, http(loop, intake, smtp.logins()));
    }

    private HttpLoop http(EventLoop loop, Intake intake, Logins logins) {
        DurableLog log = new DurableLog(producer, loop, loop.ticker(), requestsOutage);
        LoopRequests its = requests.on(loop, new ClaimsTopic(log, requests.topic()));
        return new HttpLoop(
                config,
                metrics,
                certificates,
                intake,
                logins,
                composing,
                its,
                new Sessions<>(httpCounts, metrics.sessions()));
    }
}
