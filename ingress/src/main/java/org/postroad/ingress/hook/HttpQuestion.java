package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes what a hook is asked by HTTP. */
final class HttpQuestion {
    private static final JsonFactory JSON = new JsonFactory();

    private HttpQuestion() {}

    /**
     * The JSON object.
     *
     * @param header the fields, octets as ISO 8859-1
     * @param size octets of the content as its client sent it
     */
    static byte[] of(AskedMail mail, String header, long size) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(1024 + header.length());
        try (JsonGenerator json = JSON.createGenerator(octets)) {
            AskedMail.Client client = mail.client();
            json.writeStartObject();
            json.writeStringField("queueId", mail.queueId());
            json.writeStringField("node", mail.hostname());
            json.writeStringField("listener", client.listener());
            json.writeObjectFieldStart("client");
            json.writeStringField("address", NetUtil.toAddressString(client.address()));
            json.writeStringField("greeting", client.greeting());
            json.writeBooleanField("trusted", client.isTrusted());
            json.writeEndObject();
            if (client.tlsProtocol() != null) {
                json.writeObjectFieldStart("tls");
                json.writeStringField("protocol", client.tlsProtocol());
                json.writeStringField("cipher", client.tlsCipher());
                json.writeEndObject();
            }
            if (client.user() != null) {
                json.writeStringField("user", client.user());
            }
            json.writeObjectFieldStart("envelope");
            json.writeStringField("from", mail.reversePath());
            json.writeArrayFieldStart("to");
            for (String recipient : mail.recipients()) {
                json.writeString(recipient);
            }
            json.writeEndArray();
            json.writeBooleanField("smtpUtf8", mail.smtpUtf8());
            json.writeEndObject();
            json.writeStringField("header", new String(header.getBytes(ISO_8859_1), UTF_8));
            json.writeNumberField("size", size);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of memory there is none
        }
        return octets.toByteArray();
    }
}
