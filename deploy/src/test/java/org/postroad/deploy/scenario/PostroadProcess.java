package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A {@code postroad} command in a process of its own, so that it can be killed and frozen. */
final class PostroadProcess implements AutoCloseable {
    private static final long END_LIMIT_SECONDS = 60;
    private static final long START_LIMIT_SECONDS = 120;

    private final Process process;
    private final Path log;

    private PostroadProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param log what it says on both outputs is added to this */
    static PostroadProcess launch(Path log, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // it lives for seconds
                "-cp",
                System.getProperty("java.class.path"),
                "org.postroad.deploy.Postroad"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new PostroadProcess(builder.start(), log);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String said() throws IOException {
        return Files.readString(log, UTF_8);
    }

    /** Until it has said so. */
    void awaitSaid(String text) throws IOException, InterruptedException {
        long begunNanos = System.nanoTime();
        while (!said().contains(text)) {
            if (!isAlive() || System.nanoTime() - begunNanos > TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS)) {
                throw new AssertionError("it never said \"" + text + "\": " + said());
            }
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        }
    }

    /** Its exit code, when it ends by itself. */
    int await() throws InterruptedException {
        if (!process.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError("it goes on after " + END_LIMIT_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGTERM, and its exit code. */
    int stop() throws InterruptedException {
        terminate();
        return await();
    }

    /** SIGKILL: nothing is flushed, nothing is said. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: its sockets stay open and nothing answers. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT: it goes on where it was, and finds that time has passed. */
    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill " + signal + " " + process.pid() + " ended with " + code);
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
