package org.postroad.deploy.node;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private final CollectorRegistry registry = new CollectorRegistry();

    @Test
    void servesMetricsAndBothHealths() throws Exception {
        Counter.build("postroad_test_things_total", "Things.")
                .register(registry)
                .inc(3);
        InetSocketAddress free = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        try (Endpoints endpoints = Endpoints.start(free, registry, () -> true, () -> false)) {
            assertThat(get(endpoints, "/metrics").body()).contains("postroad_test_things_total 3.0");
            assertThat(get(endpoints, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(endpoints, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(endpoints, "/elsewhere").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void clientsThatStopHalfwayHoldUpNobody() throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        List<Socket> silent = new ArrayList<>();
        try (Endpoints endpoints = Endpoints.start(free, registry, () -> true, () -> true)) {
            for (int i = 0; i < 1_000; i++) {
                Socket socket = new Socket("127.0.0.1", endpoints.address().getPort());
                silent.add(socket);
                socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost".getBytes(US_ASCII));
            }
            assertThat(get(endpoints, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(endpoints, "/metrics").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void metricsThatTakeLongHoldUpNoHealth() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                asked.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return List.of();
            }
        }.register(registry);
        InetSocketAddress free = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        try (Endpoints endpoints = Endpoints.start(free, registry, () -> true, () -> true);
                Socket scrape = new Socket("127.0.0.1", endpoints.address().getPort())) {
            scrape.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            asked.await();
            assertThat(get(endpoints, "/health/live").statusCode()).isEqualTo(200);
            go.countDown();
        }
    }

    /** Netty's leak detector is the witness: it hears of every buffer that was collected before it was released. */
    @Test
    void halfARequestLeavesNothingBehindWhenItEnds() throws Exception {
        List<String> leaks = new CopyOnWriteArrayList<>();
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(records));
        try {
            for (int round = 0; round < 10; round++) {
                endWithHalfRequests(200);
            }
            for (int i = 0; i < 10; i++) {
                System.gc();
                ByteBufAllocator.DEFAULT.directBuffer(1).release(); // leaks are looked for at each allocation
            }
            assertThat(leaks).noneMatch(records -> records.contains("codec.http"));
        } finally {
            ByteBufUtil.setLeakListener(null);
            ResourceLeakDetector.setLevel(before);
        }
    }

    private void endWithHalfRequests(int count) throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        List<Socket> halfway = new ArrayList<>();
        try (Endpoints endpoints = Endpoints.start(free, registry, () -> true, () -> true)) {
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket("127.0.0.1", endpoints.address().getPort());
                halfway.add(socket);
                socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost".getBytes(US_ASCII));
            }
        }
        for (Socket socket : halfway) {
            socket.close();
        }
    }

    private static HttpResponse<String> get(Endpoints endpoints, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + endpoints.address().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
