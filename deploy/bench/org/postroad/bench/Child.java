package org.postroad.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A program of this benchmark in a JVM of its own, whose costs stay apart: a line in, a line out. */
final class Child implements AutoCloseable {
    private final Process process;
    private final PrintStream in;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final String name;

    /** Returns when the program is ready. */
    Child(Class<?> program, List<String> arguments) throws Exception {
        this.name = program.getSimpleName();
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xms64m",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        in = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        Thread reader = new Thread(this::read, name + "-reader");
        reader.setDaemon(true);
        reader.start();
        String first = said.poll(30, TimeUnit.SECONDS);
        if (!"ready".equals(first)) {
            process.destroyForcibly();
            throw new IllegalStateException(name + " did not start: " + first);
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.add(line);
            }
            said.add("ended");
        } catch (IOException e) {
            said.add("ended: " + e);
        }
    }

    long pid() {
        return process.pid();
    }

    void tell(String line) {
        in.println(line);
    }

    /** Its next line, or null when there is none within that time. */
    String hear(long millis) throws InterruptedException {
        return said.poll(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return name;
    }
}
