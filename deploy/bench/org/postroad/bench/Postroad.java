package org.postroad.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A standalone Postroad with its defaults, its routes and, where a case says so, limits. */
final class Postroad implements Server {
    private final Scene scene;
    private final int port;
    private final int metricsPort;
    private final Path configuration;
    private final Path log;
    final Path data;
    private @Nullable Process process;

    /** Routes are lines of YAML's flow style; limits are the value of deliverer.limits, or empty for the default. */
    Postroad(Scene scene, List<String> routes, String limits) throws Exception {
        this.scene = scene;
        port = Scene.port();
        metricsPort = Scene.port();
        data = scene.directory.resolve("data");
        log = scene.directory.resolve("postroad.log");
        configuration = scene.directory.resolve("postroad.yaml");
        int kafka = Scene.port();
        Files.writeString(configuration, """
                node: {hostname: bench.test, metrics-address: "127.0.0.1:%d", admin-address: "127.0.0.1:%d"}
                kafka: {bootstrap-servers: "127.0.0.1:%d"}
                ingress:
                  listeners: [{name: bench, address: "127.0.0.1:%d"}]
                standalone: {kafka-port: %d}
                %srouter:
                  routes:
                %s
                """.formatted(
                metricsPort,
                Scene.port(),
                kafka,
                port,
                kafka,
                limits.isEmpty() ? "" : "deliverer: {limits: " + limits + "}\n",
                String.join("\n", routes.stream().map(route -> "    - " + route).toList())));
        scene.keep(this);
    }

    /** A route; tls is empty for the default. */
    static String route(String domain, String address, int port, String tls) {
        return "{domain: \"%s\", to: [\"%s:%d\"]%s}"
                .formatted(domain, address, port, tls.isEmpty() ? "" : ", tls: " + tls);
    }

    private Process running() {
        return Objects.requireNonNull(process, "not started");
    }

    /** Starts the process and returns at once. */
    Postroad start() throws IOException {
        process = new ProcessBuilder(
                        scene.home.resolve("bin/postroad").toString(),
                        "standalone",
                        "--config",
                        configuration.toString(),
                        "--data",
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return this;
    }

    Postroad awaitListener() throws Exception {
        try {
            Scene.awaitListener(port, process);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("postroad did not start" + lastWords(), e);
        }
        return this;
    }

    @Override
    public String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return !isDead()
                ? ""
                : "; postroad ended: " + String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    long pid() {
        return running().pid();
    }

    @Override
    public boolean isDead() {
        return !running().isAlive();
    }

    /** The numbers that its metrics endpoint gives for lines that begin so, summed. */
    double metric(String start) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    void kill() throws InterruptedException {
        running().destroyForcibly().waitFor();
    }

    void stop() throws InterruptedException {
        Scene.end(running(), 90);
    }

    @Override
    public String name() {
        return "postroad";
    }

    @Override
    public int port() {
        return port;
    }

    /** Nothing of it is needed any more. */
    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }
}
