package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.schemas.Body;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.TlsPolicy;

/** Envelopes, failures and configurations for the tests. */
final class Mails {
    static final long ACCEPTED_AT = 1_700_000_000_000L;
    static final String QUEUE_ID = "01HF7YAT0000000000000000AB";

    private Mails() {}

    static Recipient recipient(String address, Notify... notify) {
        return new Recipient(address, List.of(notify), null, 0, 0, null);
    }

    static Recipient answered(String address, LastReply reply, Notify... notify) {
        return new Recipient(address, List.of(notify), null, 1, 0, reply);
    }

    static Envelope to(String... addresses) {
        return from(
                "sender@origin.example",
                List.of(addresses).stream().map(address -> recipient(address)).toList());
    }

    static Envelope from(String reversePath, List<Recipient> recipients) {
        return of(QUEUE_ID, reversePath, recipients, null);
    }

    static Envelope of(String queueId, String reversePath, List<Recipient> recipients, @Nullable String envelopeId) {
        return new Envelope(
                queueId,
                0,
                null,
                reversePath,
                recipients,
                envelopeId,
                null,
                Body.SEVEN_BIT,
                false,
                new Reception(ACCEPTED_AT, "relay", "192.0.2.9", "client.example", "ESMTP", "mail.example"),
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.allocate(0),
                new InlineContent(ByteBuffer.wrap("Subject: hello\r\n\r\nhello\r\n".getBytes(UTF_8))),
                0L,
                ACCEPTED_AT + 1_000_000,
                null);
    }

    static Failure failure(Envelope envelope, FailureReason reason, String headers) {
        return new Failure(
                envelope,
                "gone.example",
                "gone.example",
                reason,
                ACCEPTED_AT,
                ByteBuffer.wrap(headers.getBytes(UTF_8)),
                null);
    }

    static RouterConfig config(Path state, List<ConfiguredRoute> routes, List<RouterConfig.RollUp> rollUps) {
        return new RouterConfig(
                "mail.example",
                Set.of("mx.our.example", "192.0.2.77"),
                "postmaster@mail.example",
                List.of(),
                routes,
                rollUps,
                state,
                Duration.ofDays(1));
    }

    static ConfiguredRoute route(String domain, String host) {
        return new ConfiguredRoute(domain, List.of(new Exchanger(host, 0, 2526, TlsPolicy.NONE)));
    }
}
