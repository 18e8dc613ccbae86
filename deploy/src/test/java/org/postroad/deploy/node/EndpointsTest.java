package org.postroad.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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

    private static HttpResponse<String> get(Endpoints endpoints, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + endpoints.address().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
