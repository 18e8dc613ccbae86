package org.postroad.ingress.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told.
 *
 * @param type of the body
 * @param retryAfterSeconds when trying again makes sense; 0 where nothing is said of it
 * @param closes whether nothing more is taken on this connection
 * @param allows the methods that the path knows; empty where that is not the matter
 */
public record Answer(int status, String type, byte[] body, long retryAfterSeconds, boolean closes, String allows) {
    static final String JSON = "application/json";

    /** RFC 9457. */
    static final String PROBLEM = "application/problem+json";

    private static final JsonFactory FACTORY = new JsonFactory();

    /** One message with the recipients it goes to; the queue id is null as long as Kafka has not got it. */
    public record Mail(@Nullable String queueId, List<String> recipients) {}

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** Kafka has all of it. */
    public static Answer kept(List<Mail> mails) {
        return new Answer(202, JSON, json(json -> write(json, mails)), 0, false, "");
    }

    /** Something is wrong with the request. */
    public static Answer problem(int status, String why, @Nullable String field) {
        return problem(status, why, field, 0, List.of());
    }

    /** The path knows other methods. */
    public static Answer notAllowed(String methods) {
        Answer answer = problem(405, "the methods here are " + methods, null);
        return new Answer(answer.status, answer.type, answer.body, 0, false, methods);
    }

    /** Nothing is wrong with the request, but now is not the time. */
    public static Answer later(int status, String why, long retryAfterSeconds) {
        return problem(status, why, null, retryAfterSeconds, List.of());
    }

    /**
     * A request that is not taken, or not all of it.
     *
     * @param field which is to blame, or null
     * @param mails of the request, where some of them are kept; empty where none is
     */
    public static Answer problem(
            int status, String why, @Nullable String field, long retryAfterSeconds, List<Mail> mails) {
        byte[] body = json(json -> {
            json.writeNumberField("status", status);
            json.writeStringField("detail", why);
            if (field != null) {
                json.writeStringField("field", field);
            }
            if (!mails.isEmpty()) {
                write(json, mails);
            }
        });
        return new Answer(status, PROBLEM, body, retryAfterSeconds, false, "");
    }

    /** The same as the last on its connection. */
    public Answer closing() {
        return new Answer(status, type, body, retryAfterSeconds, true, allows);
    }

    private static void write(JsonGenerator json, List<Mail> mails) throws IOException {
        json.writeArrayFieldStart("messages");
        for (Mail mail : mails) {
            json.writeStartObject();
            json.writeStringField("queueId", mail.queueId());
            json.writeArrayFieldStart("recipients");
            for (String recipient : mail.recipients()) {
                json.writeString(recipient);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static byte[] json(Fields fields) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (JsonGenerator json = FACTORY.createGenerator(octets)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
