package org.postroad.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the measured rounds of one load cost Postroad in memory, disk, Kafka's records and processor time. */
final class Costs {
    private static final double MIB = 1 << 20;

    private final Postroad server;
    private final Map<Long, String> threads;
    private final KafkaLog log;
    private final Map<String, KafkaLog.Tally> kafka = new TreeMap<>();
    private final Map<String, Long> micros = new TreeMap<>();
    private final List<Profile.Window> windows = new ArrayList<>();
    private Map<String, Long> microsBefore = Map.of();
    private long writtenBefore;
    private long startedAt;
    private long written;
    private double heap;
    private long mails;

    /** The whole names of its threads, where a profile knows them. */
    Costs(Postroad server, Map<Long, String> threads) {
        this.server = server;
        this.threads = threads;
        this.log = new KafkaLog(server.data);
    }

    void begin() throws Exception {
        Proc proc = new Proc(server.pid());
        log.advance();
        writtenBefore = proc.writtenOctets();
        microsBefore = proc.processorMicros(threads);
        startedAt = System.currentTimeMillis();
    }

    void end(int newMails) throws Exception {
        Proc proc = new Proc(server.pid());
        windows.add(new Profile.Window(startedAt, System.currentTimeMillis()));
        proc.processorMicros(threads)
                .forEach((thread, now) ->
                        micros.merge(thread, Math.max(0, now - microsBefore.getOrDefault(thread, 0L)), Long::sum));
        written += proc.writtenOctets() - writtenBefore;
        log.advance().forEach((topic, tally) -> kafka.merge(topic, tally, KafkaLog.Tally::plus));
        heap = Math.max(heap, server.metric("jvm_memory_bytes_committed{area=\"heap\""));
        mails += newMails;
    }

    Map<String, Object> figures() throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("memory peak MiB", new Proc(server.pid()).memoryPeakOctets() / MIB);
        figures.put("heap MiB", heap / MIB);
        figures.put("disk octets/mail", (double) written / mails);
        figures.put(
                "cpu us/mail",
                micros.values().stream().mapToLong(Long::longValue).sum() / (double) mails);
        Map<String, Object> topics = new LinkedHashMap<>();
        kafka.forEach((topic, tally) -> {
            if (tally.records() + tally.commits() > 0) {
                topics.put(topic.replaceFirst("^postroad\\.", ""), perMail(tally));
            }
        });
        figures.put("kafka per mail", topics);
        return figures;
    }

    private Map<String, Object> perMail(KafkaLog.Tally tally) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("records", (double) tally.records() / mails);
        figures.put("batches", (double) tally.batches() / mails);
        figures.put("commits", (double) tally.commits() / mails);
        figures.put("octets", (double) tally.octets() / mails);
        return figures;
    }

    /** Processor time by thread, and when the rounds were. */
    Profile.Span span() {
        return new Profile.Span(windows, micros, mails);
    }
}
