package org.postroad.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a broker has appended, read from the headers of the record batches in its segments. */
final class KafkaLog {
    /** Of one topic: data records, their batches, control batches (commits and aborts) and octets of all. */
    record Tally(long records, long batches, long commits, long octets) {
        static final Tally NONE = new Tally(0, 0, 0, 0);

        Tally plus(Tally other) {
            return new Tally(
                    records + other.records, batches + other.batches, commits + other.commits, octets + other.octets);
        }
    }

    private static final int HEADER = 61;
    private static final int LENGTH_AT = 8;
    private static final int ATTRIBUTES_AT = 21;
    private static final int COUNT_AT = 57;
    private static final int CONTROL = 0x20;

    private final Path data;
    private final Map<String, Long> positions = new HashMap<>();

    KafkaLog(Path data) {
        this.data = data;
    }

    /** What was appended since the last call, by topic. */
    Map<String, Tally> advance() throws IOException {
        Map<String, Tally> tallies = new TreeMap<>();
        for (Path segment : segments()) {
            String partition = segment.resolveSibling("").getFileName().toString();
            String topic = partition.substring(0, partition.lastIndexOf('-'));
            tallies.merge(topic, read(segment), Tally::plus);
        }
        return tallies;
    }

    /** A segment that was trimmed stays for a minute under another name. */
    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.find(
                data, 6, (file, attributes) -> file.toString().matches(".*-[0-9]+/[0-9]{20}\\.log(\\.deleted)?"))) {
            return files.toList();
        }
    }

    private Tally read(Path segment) throws IOException {
        String key = segment.toString().replace(".deleted", "");
        long position = positions.getOrDefault(key, 0L);
        Tally tally = Tally.NONE;
        try (FileChannel file = FileChannel.open(segment)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            for (long size = file.size(); position + HEADER <= size; header.clear()) {
                file.read(header, position);
                long end = position + LENGTH_AT + Integer.BYTES + header.getInt(LENGTH_AT);
                if (end <= position + HEADER || end > size) {
                    break; // not written yet
                }
                boolean control = (header.getShort(ATTRIBUTES_AT) & CONTROL) != 0;
                int records = header.getInt(COUNT_AT);
                tally = tally.plus(new Tally(control ? 0 : records, control ? 0 : 1, control ? 1 : 0, end - position));
                position = end;
            }
        } catch (NoSuchFileException renamed) {
            return Tally.NONE; // the next call finds it
        }
        positions.put(key, position);
        return tally;
    }
}
