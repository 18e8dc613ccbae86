package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.RawEnvelope;
import org.postroad.ingress.idempotency.Claim;
import org.postroad.ingress.quota.Refusal;

/** A message that is posted as it is, and streams on as SMTP's content does. Confined to its event loop. */
final class RawBody implements PostedBody {
    private final PostedMail mail;
    private final Transaction transaction;
    private final List<String> recipients;
    private final ContentFeed feed;
    private boolean isEmpty = true;
    private byte last;
    private boolean ended;
    private boolean handedOver;
    private boolean released;
    private @Nullable Answer refusal;

    /** @param declaredSize octets of the body, or -1 */
    RawBody(PostedMail mail, RawEnvelope envelope, long declaredSize) {
        this.mail = mail;
        MailOptions options = MailOptions.plain(declaredSize, envelope.needsSmtpUtf8());
        this.transaction = mail.begin(envelope.reversePath(), options, Map.of());
        Refusal refused = mail.name(transaction, envelope.recipients());
        this.recipients = envelope.recipientAddresses();
        this.feed = mail.open(transaction, mail.progress(), mail::ownQueueId);
        this.refusal = refused == null ? null : mail.refused(refused, List.of());
    }

    @Override
    public void take(ByteBuf octets) {
        if (refusal() != null || !octets.isReadable()) {
            return;
        }
        if (octets.forEachByte(octet -> octet >= 0) >= 0) {
            transaction.hasEightBit();
        }
        isEmpty = false;
        mail.posted(octets.nioBuffer());
        last = octets.getByte(octets.writerIndex() - 1);
        feed.offer(octets.readRetainedSlice(octets.readableBytes()));
        feed.drain();
    }

    @Override
    public boolean takesMore() {
        return feed.takesMore();
    }

    @Override
    public boolean isPressed() {
        return mail.budget().isPressed();
    }

    @Override
    public @Nullable Answer refusal() {
        if (refusal == null && feed.content().refusal() != null) {
            refusal = mail.refused(Refusal.of(feed.content().refusal()), List.of());
        }
        return refusal;
    }

    @Override
    public void end() {
        if (isEmpty && refusal() == null) {
            refusal = Answer.problem(400, "the message is empty", null);
        } else if (last != '\n') {
            feed.offer(Unpooled.wrappedBuffer(new byte[] {'\n'})); // a message ends with a line's end
        }
        feed.complete();
        ended = true;
        goOn();
    }

    @Override
    public void goOn() {
        if (handedOver || released) {
            return;
        }
        feed.drain();
        Answer refused = refusal();
        if (refused == null && feed.isComplete()) {
            handOver();
        } else if (refused != null && ended) {
            mail.answer(refused);
        }
    }

    private void handOver() {
        handedOver = true;
        mail.claim(1, claim -> {
            if (claim.verdict() == Claim.Verdict.WRITE) {
                write(claim);
            } else {
                feed.release();
                transaction.release();
                mail.answer(claim.verdict() == Claim.Verdict.KEPT ? kept(claim) : HttpAnswers.of(claim.verdict()));
            }
        });
    }

    private void write(Claim claim) {
        mail.hand(claim.queueId(), transaction, feed.content(), mail.progress()::fault, refused -> {
            if (refused == null) {
                mail.kept(claim);
            }
            mail.answer(refused == null ? kept(claim) : mail.refused(refused, List.of()));
        });
    }

    private Answer kept(Claim claim) {
        return Answer.kept(List.of(new Answer.Mail(claim.queueId(), recipients)));
    }

    @Override
    public void release() {
        released = true;
        if (!handedOver) {
            feed.release();
            transaction.release();
        }
    }
}
