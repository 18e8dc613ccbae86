package org.postroad.bench;

import java.util.Arrays;
import java.util.regex.Pattern;

/** A part of Postroad, told by the names of its threads. */
enum Stage {
    INGRESS("ingress", "postroad-ingress"),
    CONTENT_READER("content reader", "postroad-content"),
    ROUTER("router", "postroad\\.router-"),
    DELIVERER("deliverer", "deliverer-loop|postroad-(poller|retry)"),
    KAFKA_CLIENTS("Kafka clients", "kafka-(producer|admin|coordinator-heartbeat)"),
    BROKER(
            "broker",
            "data-plane|broker-|controller-|kafka-|group-|transaction-|share-|raft-|quorum-|network-partition|persister|Persister"
                    + "|TxnMarker|AddPartitions|Expiration|executor-|LogDir|Sweeper|metrics-meter|client-metrics"),
    COMPILER("compiler", "C[12] CompilerThre"),
    GC("GC", "GC Thread|G1 |ParGC|VM Thread"),
    OTHER("other", "");

    final String words;
    private final Pattern threads;

    Stage(String words, String threads) {
        this.words = words;
        this.threads = Pattern.compile("(" + threads + ").*");
    }

    static Stage of(String thread) {
        return Arrays.stream(values())
                .filter(stage -> stage.threads.matcher(thread).matches())
                .findFirst()
                .orElse(OTHER);
    }
}
