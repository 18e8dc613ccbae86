package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.postroad.deploy.observer.AdminRequests.RefusedRequestException;

/** The paths and queries that the index is asked by. */
class AdminRequestsFuzzTest {
    private static final String TOKEN = "a-token-of-somebody";
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T10:20:30Z"), ZoneOffset.UTC);

    private final AdminRequests requests = new AdminRequests(loop(), List.of(TOKEN), "this cluster", CLOCK);

    @FuzzTest(maxDuration = "2m")
    void whatIsAskedDoesNotDependOnHowItIsSpelled(byte[] octets) {
        // What a request line cannot have, a decoder has refused before.
        String uri = "/v1/" + new String(octets, UTF_8).replaceAll("[\\x00- ]", "");
        String asked = asked(uri, TOKEN);
        assertThat(asked(uri, TOKEN + "x")).isEqualTo("401 Unauthorized a bearer token is needed");
        assertThat(asked).matches("(?s)Events|Question|4[0-9]{2} .+");
        int query = uri.indexOf('?');
        if (query > 0 && uri.indexOf('%') < 0 && uri.indexOf('+', query) < 0) {
            assertThat(asked(uri.substring(0, query + 1) + escaped(uri.substring(query + 1)), TOKEN))
                    .isEqualTo(asked);
        }
    }

    /** Names and values, whatever is in them. */
    private static String escaped(String query) {
        StringBuilder escaped = new StringBuilder();
        for (byte octet : query.getBytes(UTF_8)) {
            boolean divides = octet == '&' || octet == '=' || octet == ';' || octet == '#';
            escaped.append(divides ? String.valueOf((char) octet) : String.format("%%%02x", octet));
        }
        return escaped.toString();
    }

    /** It is never run. */
    private static IndexLoop loop() {
        ObserverMetrics metrics = new ObserverMetrics(new CollectorRegistry());
        return new IndexLoop(
                new IndexLoop.Parts(Path.of("unused"), Duration.ofDays(7), Duration.ofDays(5), CLOCK, metrics),
                new MockConsumer<>("none"),
                new EventsTopic(Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1")), "events"));
    }

    /** What is asked, or why it is not. */
    private String asked(String uri, String token) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, uri);
        request.headers().set("Authorization", "Bearer " + token);
        try {
            return requests.of(request).getClass().getSimpleName();
        } catch (RefusedRequestException refused) {
            return refused.status() + " " + refused.getMessage();
        }
    }
}
