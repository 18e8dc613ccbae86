package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Failure;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/** The mail of the simulation, and what records say of it: its tokens, each a queue id and one recipient. */
final class Mails {
    private static final KnownSchemas SCHEMAS = new KnownSchemas();
    private static final Pattern DELIVERED = Pattern.compile("\"event\":\"delivered\"");
    private static final Pattern QUEUE_ID = Pattern.compile("\"queueId\":\"([^\"]*)\"");
    private static final Pattern RECIPIENTS = Pattern.compile("\"recipients\":\\[([^\\]]*)\\]");

    final KnownSchemas schemas = SCHEMAS;
    final Codec<Delivery> deliveries = new Codec<>(Delivery.class, schemas);
    final Codec<Envelope> envelopes = new Codec<>(Envelope.class, schemas);
    final Codec<Failure> failures = new Codec<>(Failure.class, schemas);
    final MailReader reader = new MailReader(schemas);
    private final Topics topics;

    Mails(Topics topics) {
        this.topics = topics;
    }

    static InlineContent small() {
        return new InlineContent(ByteBuffer.wrap("Subject: simulated\r\n\r\n..\r\nText.\r\n".getBytes(UTF_8)));
    }

    static String token(String queueId, String recipient) {
        return queueId + " " + recipient;
    }

    Envelope envelope(String queueId, List<String> recipients, Object content, long nowMillis, long lifetimeMillis) {
        return new Envelope(
                queueId,
                0,
                null,
                queueId + "@sender.test",
                recipients.stream()
                        .map(address -> new Recipient(address, List.of(), null, 0, 0, null))
                        .toList(),
                null,
                null,
                Body.SEVEN_BIT,
                false,
                new Reception(nowMillis, "relay", "127.0.0.1", "client.test", "ESMTP", "node.test"),
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.wrap(("Id: " + queueId + "\r\n").getBytes(UTF_8)),
                content,
                0L,
                nowMillis + lifetimeMillis,
                null);
    }

    /** As a router would: one destination, and its exchangers by preference. */
    static Delivery routed(Envelope envelope, String destination, List<String> hosts, long nowMillis) {
        List<Exchanger> exchangers = new ArrayList<>();
        for (String host : hosts) {
            exchangers.add(new Exchanger(
                    host, 10 * (exchangers.size() / 2), 25, TlsPolicy.OPPORTUNISTIC)); // two of each preference
        }
        return new Delivery(envelope, destination, destination, 0, Routes.mx(exchangers), nowMillis);
    }

    /** What mail a record stands for; of events only those that say that it was delivered. */
    List<String> tokens(String topic, byte @Nullable [] value) {
        try {
            if (value == null || topic.equals(topics.control().name())) {
                return List.of();
            } else if (topic.equals(topics.events().name())) {
                return told(new String(value, UTF_8));
            } else if (topic.equals(topics.outbound().name())) {
                return tokens(deliveries.decode(value).getEnvelope());
            } else if (topic.equals(topics.failed().name())) {
                return tokens(failures.decode(value).getEnvelope());
            }
            return tokens(envelopes.decode(value));
        } catch (UndecodableException | UnknownSchemaException | NewerRecordException e) {
            throw new AssertionError("a record of " + topic + " that cannot be read", e);
        }
    }

    private static List<String> tokens(Envelope envelope) {
        return envelope.getRecipients().stream()
                .map(recipient -> token(envelope.getQueueId(), recipient.getAddress()))
                .toList();
    }

    private static List<String> told(String event) {
        if (!DELIVERED.matcher(event).find()) {
            return List.of();
        }
        Matcher queueId = QUEUE_ID.matcher(event);
        Matcher recipients = RECIPIENTS.matcher(event);
        if (!queueId.find() || !recipients.find()) {
            throw new AssertionError("an event without mail: " + event);
        }
        List<String> tokens = new ArrayList<>();
        for (String recipient : recipients.group(1).split(",", -1)) {
            tokens.add(token(queueId.group(1), recipient.replace("\"", "")));
        }
        return tokens;
    }
}
