package org.postroad.deploy.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.postroad.deploy.config.Addresses;

/** What a process tells about itself over HTTP: /metrics, /health/live, /health/ready. */
final class Endpoints implements AutoCloseable {
    private static final int BACKLOG = 64;
    private static final int OK = 200;
    private static final int NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;

    private Endpoints(HttpServer server) {
        this.server = server;
    }

    /**
     * Serves at once.
     *
     * @param live false makes Kubernetes restart the pod
     * @param ready false takes it out of its service
     * @throws BindException naming the address that is taken
     */
    static Endpoints start(
            InetSocketAddress address, CollectorRegistry registry, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        HttpServer server = HttpServer.create();
        try {
            server.bind(address, BACKLOG);
        } catch (BindException e) {
            throw new BindException(
                    "cannot listen on " + Addresses.text(address) + " (node.metrics-address): " + e.getMessage());
        }
        server.createContext("/metrics", exchange -> {
            StringWriter text = new StringWriter();
            TextFormat.write004(text, registry.metricFamilySamples());
            answer(exchange, OK, TextFormat.CONTENT_TYPE_004, text.toString());
        });
        server.createContext("/health/live", exchange -> health(exchange, live.getAsBoolean()));
        server.createContext("/health/ready", exchange -> health(exchange, ready.getAsBoolean()));
        server.start();
        return new Endpoints(server);
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void health(HttpExchange exchange, boolean well) throws IOException {
        answer(exchange, well ? OK : UNAVAILABLE, "text/plain; charset=utf-8", well ? "yes\n" : "no\n");
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(NOT_ALLOWED, -1);
                return;
            }
            byte[] octets = text.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, head ? -1 : octets.length);
            if (!head) {
                exchange.getResponseBody().write(octets);
            }
        }
    }
}
