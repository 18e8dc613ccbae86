package org.postroad.deploy.operator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Event;

/** One record of the events topic, as its readers see it. */
public record StoredEvent(JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory TOKENS = JSON.getFactory();
    private static final Map<String, Event.Kind> KINDS =
            Stream.of(Event.Kind.values()).collect(Collectors.toMap(Event.Kind::text, Function.identity()));

    /** What the ledger needs of an event: what happened, and to how many recipients. */
    public record Fate(String kind, int recipients) {
        /** Null when it is none of ours: others may write to the topic. */
        Event.@Nullable Kind knownKind() {
            return KINDS.get(kind);
        }
    }

    /** Whether this version knows a kind of event. */
    public static boolean isKnown(String kind) {
        return KINDS.containsKey(kind);
    }

    /** The event, or null when the record holds none; others may write to the topic. */
    public static @Nullable StoredEvent parse(byte[] value) {
        try {
            JsonNode json = JSON.readTree(value);
            return json.isObject() && json.hasNonNull("event") ? new StoredEvent(json) : null;
        } catch (IOException notJson) {
            return null;
        }
    }

    /** The kind and the number of recipients without a tree: ten million events are counted so. */
    public static @Nullable Fate fate(byte[] value) {
        String kind = null;
        int recipients = 0;
        try (JsonParser parser = TOKENS.createParser(value)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                if (field.equals("event")) {
                    kind = token.isScalarValue() ? parser.getText() : null;
                    parser.skipChildren();
                } else if (field.equals("recipients") && token == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        recipients++;
                        parser.skipChildren();
                    }
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException notJson) {
            return null;
        }
        return kind == null ? null : new Fate(kind, recipients);
    }

    /** What happened; null when it is none of ours. */
    Event.@Nullable Kind knownKind() {
        return KINDS.get(kind());
    }

    public String kind() {
        return text("event");
    }

    public String queueId() {
        return text("queueId");
    }

    /** 0, then one more for each replay. */
    public int generation() {
        return json.path("generation").asInt(0);
    }

    public String at() {
        return text("at");
    }

    /** When it happened; the beginning of time where the event does not say. */
    public Instant instant() {
        try {
            return Instant.parse(at());
        } catch (DateTimeParseException othersWriteToTheTopicToo) {
            return Instant.EPOCH;
        }
    }

    /** A field as text; empty where there is none. */
    public String text(String field) {
        return json.path(field).asText("");
    }

    public List<String> recipients() {
        List<String> recipients = new ArrayList<>();
        json.path("recipients").forEach(recipient -> recipients.add(recipient.asText()));
        return recipients;
    }
}
