package org.postroad.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The end of the road, which counts. */
interface Receiver {
    /** What it has seen since it started, or -1; the most connections at once since it was told to forget. */
    record Counts(long recipients, long mails, long connections, long handshakes, long mostOpen) {
        static final Counts NONE = new Counts(0, 0, 0, 0, -1);
    }

    Counts counts() throws Exception;

    /** Of its process. */
    long pid();

    /** Starts the most connections at once afresh. */
    default void forget() throws Exception {
        // unless it counts them
    }

    /** Debian's smtp-sink, which prints its counter as it goes. */
    final class SmtpSink implements Receiver, AutoCloseable {
        private final Process process;
        private volatile long count;

        SmtpSink(int port) throws Exception {
            process = new ProcessBuilder("smtp-sink", "-u", "nobody", "-c", "127.0.0.1:" + port, "1000").start();
            Thread reader = new Thread(this::read, "smtp-sink-reader");
            reader.setDaemon(true);
            reader.start();
            Scene.awaitListener(port, process);
        }

        private void read() {
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    int at = line.indexOf("mesg=");
                    if (at >= 0) {
                        count = Long.parseLong(line.substring(at + 5).trim());
                    }
                }
            } catch (IOException endOfSink) {
                process.destroy();
            }
        }

        @Override
        public Counts counts() {
            return new Counts(count, count, -1, -1, -1); // smtp-source sends to one recipient
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** One listener of our own {@link Sink}. */
    record Listener(Child sink, int port) implements Receiver {
        @Override
        public Counts counts() throws Exception {
            return ask("counts ");
        }

        @Override
        public long pid() {
            return sink.pid();
        }

        @Override
        public void forget() throws Exception {
            ask("forget ");
        }

        private Counts ask(String what) throws Exception {
            sink.tell(what + port);
            String line = sink.hear(TimeUnit.SECONDS.toMillis(10));
            if (line == null || line.startsWith("ended")) {
                throw new IllegalStateException("the sink " + (line == null ? "does not answer" : "ended"));
            }
            List<Long> numbers =
                    Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
            return new Counts(numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3), numbers.get(4));
        }
    }
}
