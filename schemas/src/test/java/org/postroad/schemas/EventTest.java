package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EventTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void saysWhatHappenedToWhom() throws Exception {
        Envelope envelope = Samples.envelope();
        LastReply reply = new LastReply(451, "4.2.0", "later \"friend\"\u0001", "mx.b.test[192.0.2.1]:25", 0L);
        JsonNode event = JSON.readTree(Event.of(Event.Kind.DEFERRED, 0, envelope, envelope.getRecipients())
                .reply(reply)
                .at("dueAt", 60_000)
                .toJson());

        assertThat(event.path("event").asText()).isEqualTo("deferred");
        assertThat(event.path("at").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(event.path("recipients").get(0).asText()).isEqualTo("b@b.test");
        assertThat(event.path("parent").asText()).isEqualTo("01JD0000000000000000000001");
        assertThat(event.path("reply").asText()).isEqualTo("later \"friend\"\u0001");
        assertThat(event.path("class").asText()).isEqualTo("system-trouble");
        assertThat(event.has("meta")).isFalse();
        assertThat(event.path("dueAt").asText()).isEqualTo("1970-01-01T00:01:00Z");
    }

    @Test
    void saysWhatItsSenderKnowsItBy() throws Exception {
        Envelope envelope = Samples.envelope();
        envelope.put("meta", Map.of("message-id", "1@a.test", "order", "7", "rerouted", "2", "released", "3"));
        JsonNode event = JSON.readTree(Event.of(Event.Kind.DELIVERED, 0, envelope, envelope.getRecipients())
                .toJson());
        assertThat(event.path("messageId").asText()).isEqualTo("1@a.test");
        assertThat(event.path("meta")).isEqualTo(JSON.createObjectNode().put("order", "7"));
    }

    @Test
    void theJsonSchemaListsEveryKind() throws Exception {
        try (InputStream in = Event.class.getResourceAsStream("/schemas/event.schema.json")) {
            JsonNode kinds = JSON.readTree(Objects.requireNonNull(in))
                    .path("properties")
                    .path("event")
                    .path("enum");
            List<String> described =
                    JSON.convertValue(kinds, JSON.getTypeFactory().constructCollectionType(List.class, String.class));
            assertThat(described)
                    .containsExactlyElementsOf(Arrays.stream(Event.Kind.values())
                            .map(Event.Kind::text)
                            .toList());
        }
    }
}
