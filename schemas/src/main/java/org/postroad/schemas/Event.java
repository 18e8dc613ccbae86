package org.postroad.schemas;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What happened to some recipients of one message, as a JSON object on the events topic; the fields are described by
 * {@code /schemas/event.schema.json}.
 *
 * <p>One event speaks of all recipients that shared the fate, so a delivered message costs one record.
 */
public final class Event {
    private static final JsonFactory JSON = new JsonFactory();

    /** The ledger adds up the first three against the next three; the rest tell the story between. */
    public enum Kind {
        ACCEPTED,
        GENERATED,
        REPLAYED,
        DELIVERED,
        FAILED,
        DROPPED,
        DEFERRED,
        OVERFLOWED,
        HELD,
        RELEASED,
        REJECTED;

        private final String text = Ascii.lower(name());

        public String text() {
            return text;
        }
    }

    private final ByteArrayOutputStream octets = new ByteArrayOutputStream(512);
    private final JsonGenerator json;

    private Event(Kind kind, long atMillis) {
        try {
            json = JSON.createGenerator(octets);
            json.writeStartObject();
            json.writeStringField("event", kind.text());
            json.writeStringField("at", Instant.ofEpochMilli(atMillis).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** About these recipients of an envelope. */
    public static Event of(Kind kind, long atMillis, Envelope envelope, List<Recipient> recipients) {
        Event event = new Event(kind, atMillis);
        event.with("queueId", envelope.getQueueId()).with("generation", envelope.getGeneration());
        Parent parent = envelope.getParent();
        if (parent != null) {
            event.with("parent", parent.getQueueId());
        }
        event.with("sender", envelope.getReversePath());
        event.recipients(recipients);
        String messageId = MessageId.of(envelope);
        if (messageId != null) {
            event.with("messageId", messageId);
        }
        event.meta(Meta.given(envelope));
        return event;
    }

    public Event with(String field, String value) {
        try {
            json.writeStringField(field, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Event with(String field, long value) {
        try {
            json.writeNumberField(field, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Event with(String field, boolean value) {
        try {
            json.writeBooleanField(field, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Event with(String field, List<String> values) {
        try {
            json.writeArrayFieldStart(field);
            for (String value : values) {
                json.writeString(value);
            }
            json.writeEndArray();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An instant in ISO form. */
    public Event at(String field, long millis) {
        return with(field, Instant.ofEpochMilli(millis).toString());
    }

    public Event reply(LastReply reply) {
        with("code", reply.getCode()).with("status", reply.getStatus()).with("reply", reply.getText());
        String meaning = ReplyClass.of(reply);
        if (meaning != null) {
            with("class", meaning);
        }
        return reply.getExchanger() == null ? this : with("exchanger", reply.getExchanger());
    }

    private void meta(Map<String, String> meta) {
        if (meta.isEmpty()) {
            return;
        }
        try {
            json.writeObjectFieldStart("meta");
            for (Map.Entry<String, String> word : meta.entrySet()) {
                json.writeStringField(word.getKey(), word.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void recipients(List<Recipient> recipients) {
        try {
            json.writeArrayFieldStart("recipients");
            for (Recipient recipient : recipients) {
                json.writeString(recipient.getAddress());
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The record's value; nothing may be added afterwards. */
    public byte[] toJson() {
        try {
            json.writeEndObject();
            json.close();
            return octets.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
