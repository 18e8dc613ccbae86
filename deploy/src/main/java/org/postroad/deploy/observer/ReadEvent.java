package org.postroad.deploy.observer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Event;
import org.postroad.schemas.QueueIds;

/** What the index needs of an event, read without a tree: it has to keep up with all that is written. Confined to one thread. */
final class ReadEvent {
    private static final JsonFactory TOKENS = new JsonFactory();
    private static final Event.Kind[] KINDS = Event.Kind.values();

    /** As it was written, of a newer node's too; empty where there is none. */
    String kindText = "";

    Event.@Nullable Kind kind;
    String queueId = "";
    int generation;
    String parent = "";
    String sender = "";
    String user = "";
    String messageId = "";
    String destination = "";
    String domain = "";
    String status = "";
    String reply = "";
    String reason = "";
    /** Told by an operator's job, and by no exchanger. */
    boolean isOfAJob;

    int code;
    int attempt;
    final List<String> recipients = new ArrayList<>();

    /** Milliseconds since 1970; 0 where the event does not say. */
    long atMillis;

    long dueMillis;

    private ReadEvent() {}

    /** Null when the record holds no event: others may write to the topic. */
    static @Nullable ReadEvent parse(byte[] value) {
        try (JsonParser parser = TOKENS.createParser(value)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            ReadEvent event = new ReadEvent();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                event.take(field, parser.nextToken(), parser);
            }
            return event.kindText.isEmpty() ? null : event;
        } catch (IOException notJson) {
            return null;
        }
    }

    private void take(String field, JsonToken token, JsonParser parser) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            takeText(field, parser);
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
            switch (field) {
                case "generation" -> generation = parser.getValueAsInt(0);
                case "code" -> code = parser.getValueAsInt(0);
                case "attempt" -> attempt = parser.getValueAsInt(0);
                default -> {}
            }
        } else if (token == JsonToken.START_ARRAY && field.equals("recipients")) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                recipients.add(Caps.cut(parser.getValueAsString(""), Caps.REPLY_TEXT_OCTETS));
                parser.skipChildren();
            }
        } else {
            parser.skipChildren();
        }
    }

    private void takeText(String field, JsonParser parser) throws IOException {
        switch (field) {
            case "event" -> {
                kindText = text(parser);
                kind = kindOf(kindText);
            }
            case "at" -> atMillis = millis(parser.getText());
            case "queueId" -> queueId = text(parser);
            case "parent" -> parent = text(parser);
            case "sender" -> sender = text(parser);
            case "user" -> user = text(parser);
            case "messageId" -> messageId = text(parser);
            case "destination" -> destination = text(parser);
            case "domain" -> domain = text(parser);
            case "status" -> status = text(parser);
            case "reply" -> reply = text(parser);
            case "job" -> isOfAJob = true;
            case "reason" -> reason = text(parser);
            case "dueAt" -> dueMillis = millis(parser.getText());
            default -> {}
        }
    }

    /** Ours are never longer; what others write must not fill our memory. */
    private static String text(JsonParser parser) throws IOException {
        return Caps.cut(parser.getText(), Caps.REPLY_TEXT_OCTETS);
    }

    /** Whether it tells of a message of ours; a record that nobody could read has no recipients, and no id of its own. */
    boolean isOfAMessage() {
        return QueueIds.isQueueId(queueId) && !recipients.isEmpty();
    }

    private static Event.@Nullable Kind kindOf(String text) {
        for (Event.Kind kind : KINDS) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        return null;
    }

    private static long millis(String text) {
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException notOurs) {
            return 0;
        }
    }
}
