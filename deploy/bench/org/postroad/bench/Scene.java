package org.postroad.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One case's directory and running programs, which end with it however it ends. */
final class Scene implements AutoCloseable {
    /** Below the ports that outgoing connections take. */
    private static int nextPort = 20_000 + (int) (ProcessHandle.current().pid() % 9_000);

    final Options options;
    final Progress progress;
    /** The benchmark's own directory, with Postfix's configuration. */
    final Path here;
    /** The distribution. */
    final Path home;

    final Path directory;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private boolean closed;

    Scene(Options options, Progress progress, Path here, Path home, Path directory) throws IOException {
        this.options = options;
        this.progress = progress;
        this.here = here;
        this.home = home;
        this.directory = Files.createDirectories(directory);
        run(
                "chmod",
                "755",
                directory.toAbsolutePath().resolveSibling("").toString(),
                directory.toString()); // Postfix's users look in
    }

    /** Closed with the scene, the last first. */
    synchronized <T extends AutoCloseable> T keep(T program) {
        if (closed) {
            quietly(program);
            throw new IllegalStateException("interrupted");
        }
        running.push(program);
        return program;
    }

    /** From the shutdown hook too. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!running.isEmpty()) {
            quietly(running.pop());
        }
        delete(directory);
    }

    private static void quietly(AutoCloseable program) {
        try {
            program.close();
        } catch (Exception e) {
            System.err.println("bench: while ending " + program + ": " + e.getMessage());
        }
    }

    /** A port that nobody listens on. */
    static synchronized int port() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[4]), nextPort++));
                return socket.getLocalPort();
            } catch (IOException taken) {
                if (nextPort > 32_000) {
                    throw taken;
                }
            }
        }
    }

    static void awaitListener(int port, @Nullable Process process) throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < limit && (process == null || process.isAlive())) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                return;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new IllegalStateException("nobody listens on 127.0.0.1:" + port);
    }

    /** Runs a command to its end; what it printed. */
    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        return said;
    }

    static void end(Process process, int seconds) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all.sorted((a, b) -> b.getNameCount() - a.getNameCount())::iterator) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.err.println("bench: left behind: " + directory + ": " + e);
        }
    }

    /** Whether a system takes part in this run. */
    boolean has(String system) {
        return options.systems().contains(system);
    }
}
