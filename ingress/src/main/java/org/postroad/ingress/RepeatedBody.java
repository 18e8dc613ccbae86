package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.RawEnvelope;
import org.postroad.ingress.idempotency.Claim;

/**
 * A message that comes once more, so it seems by its key: it is only looked at whether it is the same, and counts in no limit, or a client
 * could not hear of the last message that its quota gave it. Confined to its event loop.
 */
final class RepeatedBody implements PostedBody {
    private final PostedMail mail;
    private final RawEnvelope envelope;
    private long came;

    RepeatedBody(PostedMail mail, RawEnvelope envelope) {
        this.mail = mail;
        this.envelope = envelope;
    }

    @Override
    public void take(ByteBuf octets) {
        came += octets.readableBytes();
        mail.posted(octets.nioBuffer());
    }

    @Override
    public boolean takesMore() {
        return true;
    }

    @Override
    public boolean isPressed() {
        return false;
    }

    @Override
    public @Nullable Answer refusal() {
        long most = mail.maxMessageSize();
        return came > most ? HttpAnswers.tooLarge(most) : null; // it may come in chunks, and have no end
    }

    @Override
    public void end() {
        mail.claim(1, claim -> {
            Answer.Mail kept = new Answer.Mail(claim.queueId(), envelope.recipientAddresses());
            mail.answer(
                    claim.verdict() == Claim.Verdict.KEPT
                            ? Answer.kept(List.of(kept))
                            : HttpAnswers.of(claim.verdict()));
        });
    }

    @Override
    public void goOn() {
        // Nothing is waited for but Kafka, which answers to end().
    }

    @Override
    public void release() {
        // Nothing is held.
    }
}
