package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Debian's smtp-sink, whose own counter is the witness. */
final class SmtpSink implements AutoCloseable {
    private static final String COUNTER = "mesg=";

    private final int port;
    private final Process process;
    private final AtomicLong messages = new AtomicLong();

    SmtpSink() throws IOException {
        port = StandaloneProcess.freePorts(1).get(0);
        process = new ProcessBuilder("smtp-sink", "-u", "nobody", "-c", "127.0.0.1:" + port, "1000").start();
        Thread reader = new Thread(this::count, "smtp-sink");
        reader.setDaemon(true);
        reader.start();
    }

    int port() {
        return port;
    }

    long messages() {
        return messages.get();
    }

    void await(long wanted) throws InterruptedException {
        long begunAt = System.nanoTime();
        while (messages.get() < wanted && System.nanoTime() - begunAt < TimeUnit.SECONDS.toNanos(120)) {
            new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        }
    }

    private void count() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int at = line.indexOf(COUNTER);
                if (at >= 0) {
                    messages.set(
                            Long.parseLong(line.substring(at + COUNTER.length()).trim()));
                }
            }
        } catch (IOException ended) {
            process.destroy();
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
