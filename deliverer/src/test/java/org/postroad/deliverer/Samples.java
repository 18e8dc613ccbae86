package org.postroad.deliverer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.schemas.Body;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Route;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;

/** Mail for tests. */
public final class Samples {
    public static final String CONTENT = "Subject: hello\r\nFrom: <a@a.test>\r\n\r\nText.\r\n";
    public static final long ACCEPTED_AT = 1_767_225_600_000L;

    /** Ten years: tests against a real broker run at the real time. */
    public static final long EXPIRY = ACCEPTED_AT + 315_360_000_000L;

    private Samples() {}

    public static Envelope envelope(String queueId, Recipient... recipients) {
        return envelope(queueId, 0, recipients);
    }

    public static Envelope envelope(String queueId, long notBefore, Recipient... recipients) {
        InlineContent content = new InlineContent(ByteBuffer.wrap(CONTENT.getBytes(StandardCharsets.US_ASCII)));
        return envelope(queueId, notBefore, content, recipients);
    }

    /** Mail whose content is on the content topic. */
    public static Envelope referring(ContentRef content, Recipient... recipients) {
        return envelope(queueId(1), 0, content, recipients);
    }

    private static Envelope envelope(String queueId, long notBefore, Object content, Recipient... recipients) {
        return new Envelope(
                queueId,
                0,
                null,
                "a@a.test",
                Arrays.asList(recipients),
                null,
                null,
                Body.SEVEN_BIT,
                false,
                new Reception(ACCEPTED_AT, "relay", "127.0.0.1", "client.test", "ESMTP", "node.test"),
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.wrap("Received: by node.test\r\n".getBytes(StandardCharsets.US_ASCII)),
                content,
                notBefore,
                EXPIRY,
                null);
    }

    public static Recipient recipient(String address) {
        return new Recipient(address, List.of(), null, 0, 0, null);
    }

    public static Recipient tried(String address, int attempts, int faults) {
        return new Recipient(address, List.of(), null, attempts, faults, null);
    }

    public static Delivery delivery(Envelope envelope) {
        return new Delivery(
                envelope,
                "b.test",
                "b.test",
                0,
                Routes.mx(List.of(new Exchanger("mx.b.test", 10, 0, TlsPolicy.OPPORTUNISTIC))),
                ACCEPTED_AT);
    }

    /** The same, routed to an exchanger on loopback. */
    public static Delivery delivery(Envelope envelope, int port) {
        Route route = Routes.configured(List.of(new Exchanger("127.0.0.1", 10, port, TlsPolicy.NONE)));
        return new Delivery(envelope, "b.test", "b.test", 0, route, System.currentTimeMillis());
    }

    public static OpenDelivery open(TopicPartition partition, long assignment, long offset, Recipient... recipients) {
        return new OpenDelivery(partition, assignment, offset, 1_000, delivery(envelope(queueId(offset), recipients)));
    }

    public static String queueId(long number) {
        return String.format("01JD%022d", number);
    }

    public static LastReply reply(int code, String status, String text) {
        return new LastReply(code, status, text, "mx.b.test[192.0.2.1]:25", ACCEPTED_AT + 1);
    }
}
