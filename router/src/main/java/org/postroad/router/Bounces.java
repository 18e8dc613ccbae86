package org.postroad.router;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.RequireTls;

/**
 * Who hears of a failure, or of a success that nobody else tells of: the reverse-path, once, unless it is null or the client asked
 * for silence; RFC 5321 section 6.1 and RFC 3461 section 5.2.
 *
 * <p>Confined to one task, as its queue ids are.
 */
final class Bounces {
    private final RouterConfig config;
    private final QueueIds queueIds;

    Bounces(RouterConfig config, QueueIds queueIds) {
        this.config = config;
        this.queueIds = queueIds;
    }

    /** The bounce, or null where there must be none. */
    @Nullable
    Envelope of(Failure failure, long nowMillis) {
        Envelope failed = failure.getEnvelope();
        if (failure.getReason() == FailureReason.DROPPED) {
            return null;
        }
        Notify what = failure.getReason() == FailureReason.RELAYED ? Notify.SUCCESS : Notify.FAILURE;
        List<Recipient> reported = failed.getRecipients().stream()
                .filter(recipient -> isReported(recipient, what))
                .toList();
        // Never an error about an error: RFC 5321 section 4.5.5.
        if (failed.getReversePath().isEmpty() || reported.isEmpty()) {
            return null;
        }
        String queueId = queueIds.next();
        DeliveryReport report = new DeliveryReport(config, queueId, failure, reported, nowMillis);
        byte[] content = report.content();
        return envelope(queueId, failed, content, nowMillis);
    }

    private Envelope envelope(String queueId, Envelope failed, byte[] content, long nowMillis) {
        String sender = failed.getReversePath();
        Recipient recipient = new Recipient(sender, List.of(Notify.NEVER), null, 0, 0, null);
        return new Envelope(
                queueId,
                0,
                new Parent(failed.getQueueId(), Cause.BOUNCE),
                "",
                List.of(recipient),
                null,
                null,
                ReportText.isAscii(content) ? Body.SEVEN_BIT : Body.EIGHT_BIT_MIME,
                !ReportText.isAscii(ReportText.plainAddress(sender)),
                new Reception(nowMillis, "bounce", "", config.hostname(), "", config.hostname()),
                null,
                failed.getTenant(),
                null,
                Map.of(),
                ByteBuffer.allocate(0),
                new InlineContent(ByteBuffer.wrap(content)),
                0L,
                nowMillis + config.bounceLifetime().toMillis(),
                RequireTls.with(null, RequireTls.isAskedFor(failed))); // RFC 8689 section 5
    }

    /** Who does not say what it wants to hear of hears of failure alone (RFC 3461 section 4.1). */
    private static boolean isReported(Recipient recipient, Notify what) {
        List<Notify> wanted = recipient.getNotify();
        return wanted.isEmpty() ? what == Notify.FAILURE : wanted.contains(what) && !wanted.contains(Notify.NEVER);
    }
}
