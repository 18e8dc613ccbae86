package org.postroad.broker;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The broker properties of a small combined node: safe first, then light enough for two cores and little memory. */
final class BrokerSettings {
    static final String BROKER_LISTENER = "PLAINTEXT";
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private BrokerSettings() {}

    /** A node of a quorum of its own: nothing but its disk protects what it holds, so every append is on disk before it is acknowledged. */
    static Map<String, String> single(Path logDirectory, int brokerPort, int controllerPort) {
        Map<String, String> settings = node(1, logDirectory, brokerPort, controllerPort);
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        // Applies to every topic that does not say otherwise, internal ones too.
        settings.put("log.flush.interval.messages", "1");
        replicate(settings, 1, 1);
        return settings;
    }

    /**
     * One of several nodes: copies protect what it holds, and flushing is left to the system. What decides how long mail stands still
     * after a death is as OPERATING recommends it and no better: a test must not recover faster than a user's cluster.
     */
    static Map<String, String> member(int id, Path logDirectory, int brokerPort, int controllerPort, String voters) {
        Map<String, String> settings = node(id, logDirectory, brokerPort, controllerPort);
        settings.put("controller.quorum.voters", voters);
        settings.put("broker.session.timeout.ms", "3000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("replica.lag.time.max.ms", "10000");
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
        // The default: nobody recommends another.
        settings.remove("group.min.session.timeout.ms");
        replicate(settings, 3, 2);
        return settings;
    }

    private static Map<String, String> node(int id, Path logDirectory, int brokerPort, int controllerPort) {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(id));
        settings.put("log.dirs", logDirectory.toString());
        settings.put(
                "listeners",
                BROKER_LISTENER + "://127.0.0.1:" + brokerPort + "," + CONTROLLER_LISTENER + "://127.0.0.1:"
                        + controllerPort);
        settings.put("advertised.listeners", BROKER_LISTENER + "://127.0.0.1:" + brokerPort);
        settings.put(
                "listener.security.protocol.map", BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        settings.put("inter.broker.listener.name", BROKER_LISTENER);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        keepOffsets(settings);
        shrink(settings);
        return settings;
    }

    private static void keepOffsets(Map<String, String> settings) {
        settings.put("auto.create.topics.enable", "false");
        // Offsets that expired would mean mail read twice or never: keep them for ever (the largest whole minutes).
        settings.put("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("group.min.session.timeout.ms", "1000");
        settings.put("transaction.max.timeout.ms", "60000");
        // The next transaction waits here for the markers of the one before; a retriable error would cost its client
        // 100 ms and every batch that follows the refused one.
        settings.put("add.partitions.to.txn.retry.backoff.ms", "5");
        settings.put("add.partitions.to.txn.retry.backoff.max.ms", "2000");
        // A producer that died holds readers back until its transaction is found expired.
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    }

    private static void shrink(Map<String, String> settings) {
        settings.put("num.partitions", "1");
        // After a kill the same node may register again only when its old session has ended: this is what a restart
        // then waits.
        settings.put("broker.session.timeout.ms", "2000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "3");
        // A batch of content passes in one piece; at the default of 100 KiB it takes ten, with a wake-up for each.
        settings.put("socket.send.buffer.bytes", "1048576");
        settings.put("socket.receive.buffer.bytes", "1048576");
        settings.put("background.threads", "2");
        settings.put("num.recovery.threads.per.data.dir", "2");
        settings.put("num.replica.fetchers", "1");
        settings.put("log.cleaner.threads", "1");
        // The default takes 128 MiB of heap for a few small compacted topics.
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        settings.put("log.cleaner.io.buffer.size", "524288");
        settings.put("log.index.size.max.bytes", "2097152");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("offsets.topic.segment.bytes", "16777216");
        settings.put("transaction.state.log.segment.bytes", "16777216");
        settings.put("metric.reporters", "");
    }

    private static void replicate(Map<String, String> settings, int replicas, int inSync) {
        for (String topic : new String[] {"transaction.state.log", "share.coordinator.state.topic"}) {
            settings.put(topic + ".replication.factor", Integer.toString(replicas));
            settings.put(topic + ".min.isr", Integer.toString(inSync));
        }
        settings.put("offsets.topic.replication.factor", Integer.toString(replicas));
        settings.put("default.replication.factor", Integer.toString(replicas));
        settings.put("min.insync.replicas", Integer.toString(inSync));
    }
}
