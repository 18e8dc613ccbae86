package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.RawEnvelope;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Body;
import org.postroad.schemas.Recipient;

/** A message that is posted as it is, and streams on as SMTP's content does. Confined to its event loop. */
final class RawBody implements PostedBody {
    private final PostedMail mail;
    private final Transaction transaction;
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
        MailOptions options = new MailOptions(declaredSize, Body.SEVEN_BIT, envelope.needsSmtpUtf8(), null, null, null);
        this.transaction = mail.begin(envelope.reversePath(), options, Map.of());
        Refusal refused = mail.name(transaction, envelope.recipients());
        this.feed = mail.open(transaction, mail.progress());
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
        last = octets.getByte(octets.writerIndex() - 1);
        feed.offer(octets.readRetainedSlice(octets.readableBytes()));
        feed.drain();
    }

    @Override
    public boolean takesMore() {
        return feed.takesMore();
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
        String queueId = mail.nextQueueId();
        List<String> recipients =
                transaction.recipients().stream().map(Recipient::getAddress).toList();
        mail.hand(
                queueId,
                transaction,
                feed.content(),
                refused -> mail.answer(
                        refused == null
                                ? Answer.kept(List.of(new Answer.Mail(queueId, recipients)))
                                : mail.refused(refused, List.of())));
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
