package org.postroad.deploy.operator;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postroad.schemas.Body;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;

/** Envelopes for tests. */
public final class Mails {
    private Mails() {}

    public static List<Recipient> recipients(String... addresses) {
        return Stream.of(addresses)
                .map(address -> new Recipient(address, List.of(), null, 0, 0, null))
                .toList();
    }

    public static Envelope envelope(String queueId, String... addresses) {
        return envelope(queueId, recipients(addresses));
    }

    static Envelope envelope(String queueId, List<Recipient> recipients) {
        Reception received = new Reception(1_000L, "relay", "127.0.0.1", "client.test", "ESMTP", "node.test");
        return new Envelope(
                queueId,
                0,
                null,
                "sender@sender.test",
                recipients,
                null,
                null,
                Body.SEVEN_BIT,
                false,
                received,
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.allocate(0),
                new InlineContent(ByteBuffer.allocate(0)),
                0L,
                9_000L,
                null);
    }

    static Delivery delivery(String queueId, String... addresses) {
        return new Delivery(
                envelope(queueId, addresses),
                "x.test",
                "x.test",
                0,
                Routes.nowhere(RouteKind.NO_SUCH_DOMAIN, ""),
                1_000L);
    }

    static Failure failure(String queueId, String domain, String reply, long at, String... addresses) {
        LastReply last = new LastReply(
                Integer.parseInt(reply.substring(0, 3)),
                reply.split(" ")[1],
                reply.substring(10),
                "mx.test[1.2.3.4]:25",
                at);
        List<Recipient> tried = Stream.of(addresses)
                .map(address -> new Recipient(address, List.of(), null, 1, 0, last))
                .collect(Collectors.toCollection(ArrayList::new));
        return new Failure(
                envelope(queueId, tried), domain, domain, FailureReason.BOUNCED, at, ByteBuffer.allocate(0), null);
    }
}
