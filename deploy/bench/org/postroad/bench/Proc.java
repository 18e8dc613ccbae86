package org.postroad.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What Linux says about a process. */
record Proc(long pid) {
    /** USER_HZ is 100 on every Linux. */
    private static final int MICROS_PER_TICK = 10_000;

    /** The most memory that was ever resident. */
    long memoryPeakOctets() throws IOException {
        return number("status", "VmHWM:") * 1_024;
    }

    /** What it has caused to be written to disk. */
    long writtenOctets() throws IOException {
        return number("io", "write_bytes:");
    }

    private long number(String file, String name) throws IOException {
        for (String line : Files.readAllLines(path(file))) {
            if (line.startsWith(name)) {
                return Long.parseLong(
                        line.substring(name.length()).replace("kB", "").strip());
            }
        }
        throw new IOException("no " + name + " in " + path(file));
    }

    /** A name without the numbers that tell threads of one kind apart. */
    static String kind(String thread) {
        return thread.replaceAll("[-# ]*\\b([0-9]+|[0-9a-f]{12})\\b", "").replaceAll("[-#0-9 ]+$", "");
    }

    /**
     * Processor time in microseconds by kind of thread. Linux keeps fifteen characters of a name: the whole ones can be
     * given, by thread id.
     */
    Map<String, Long> processorMicros(Map<Long, String> names) throws IOException {
        Map<String, Long> micros = new HashMap<>();
        List<Path> tasks;
        try (Stream<Path> all = Files.list(path("task"))) {
            tasks = all.toList();
        }
        for (Path task : tasks) {
            try {
                String stat = Files.readString(task.resolve("stat"));
                int nameEnd = stat.lastIndexOf(')');
                long id = Long.parseLong(task.getFileName().toString());
                String name = kind(names.getOrDefault(id, stat.substring(stat.indexOf('(') + 1, nameEnd)));
                String[] fields = stat.substring(nameEnd + 2).split(" "); // from field 3, the state
                micros.merge(
                        name, (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK, Long::sum);
            } catch (NoSuchFileException ended) {
                // What it had used is lost.
            }
        }
        return micros;
    }

    /** Processor time of all its threads in microseconds, those that have ended too. */
    long allMicros() throws IOException {
        String stat = Files.readString(path("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
    }

    private Path path(String file) {
        return Path.of("/proc", "" + pid, file);
    }
}
