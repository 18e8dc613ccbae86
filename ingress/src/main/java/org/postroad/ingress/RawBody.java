package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.HeaderSection;
import org.postroad.ingress.http.LineEnds;
import org.postroad.ingress.http.RawEnvelope;
import org.postroad.ingress.http.UnfitRequestException;
import org.postroad.schemas.Body;

/**
 * A message that is posted as it is: its header section is gathered and completed, the rest streams on as SMTP's content does. Confined
 * to its event loop.
 */
final class RawBody implements PostedBody {
    private static final int MOST_HEADER_OCTETS = 256 * 1024;
    private static final int FIRST_HEADER_OCTETS = 4 * 1024;

    private final PostedMail mail;
    private final RawEnvelope envelope;
    private final ContentFeed feed;
    private final String queueId;
    private final LineEnds lineEnds = new LineEnds();
    private byte[] header = new byte[FIRST_HEADER_OCTETS];
    private int headerLength;
    private boolean inHeader = true;
    private boolean utf8;
    private boolean eightBit;
    private boolean ended;
    private boolean handedOver;
    private boolean released;
    private @Nullable Answer refusal;

    /** @param declaredSize octets of the body, or -1 */
    RawBody(PostedMail mail, RawEnvelope envelope, long declaredSize) {
        this.mail = mail;
        this.envelope = envelope;
        this.feed = mail.open(declaredSize, mail.progress());
        this.queueId = mail.nextQueueId();
        mail.budget().take(header.length);
    }

    @Override
    public void take(ByteBuf octets) {
        if (refusal() != null) {
            return;
        }
        ByteBuf lines = ByteBufAllocator.DEFAULT.buffer(octets.readableBytes() + 16);
        LineEnds.Octets out = each -> put(each, lines);
        while (octets.isReadable() && refusal == null) {
            byte octet = octets.readByte();
            eightBit |= octet < 0;
            lineEnds.take(octet, out);
        }
        feed.offer(lines);
        if (lineEnds.hasLoneCr()) {
            refusal = Answer.problem(400, "a CR in the message that no LF follows", null);
        }
        feed.drain();
    }

    private void put(int octet, ByteBuf lines) {
        if (!inHeader) {
            lines.writeByte(octet);
            return;
        }
        if (headerLength == header.length) {
            growHeader();
        }
        if (refusal != null) {
            return;
        }
        header[headerLength++] = (byte) octet;
        if (octet == '\n' && isEmptyLine()) {
            endHeader(true, lines);
        }
    }

    private boolean isEmptyLine() {
        return headerLength == 2 || headerLength > 3 && header[headerLength - 3] == '\n';
    }

    private void growHeader() {
        if (headerLength >= MOST_HEADER_OCTETS) {
            refusal = Answer.problem(413, "the header section is larger than " + MOST_HEADER_OCTETS + " octets", null);
        } else if (mail.budget().isExhausted(header.length)) {
            refusal = HttpAnswers.NO_ROOM;
        } else {
            mail.budget().take(header.length);
            header = Arrays.copyOf(header, header.length * 2);
        }
    }

    private void endHeader(boolean hasBody, ByteBuf lines) {
        inHeader = false;
        try {
            HeaderSection section =
                    HeaderSection.of(header, headerLength, hasBody, mail.messageId(queueId), mail.date());
            utf8 = section.isUtf8();
            lines.writeBytes(section.octets());
        } catch (UnfitRequestException e) {
            refusal = e.answer();
        }
        forgetHeader();
    }

    private void forgetHeader() {
        mail.budget().give(header.length);
        header = new byte[0];
        headerLength = 0;
    }

    @Override
    public boolean takesMore() {
        return feed.takesMore();
    }

    @Override
    public @Nullable Answer refusal() {
        if (refusal == null && feed.content().refusal() != null) {
            refusal = mail.refused(feed.content().refusal());
        }
        return refusal;
    }

    @Override
    public void end() {
        ByteBuf last = Unpooled.buffer(16);
        lineEnds.end(each -> put(each, last));
        if (lineEnds.hasLoneCr()) {
            refusal = Answer.problem(400, "a CR in the message that no LF follows", null);
        } else if (inHeader && refusal == null) {
            endHeader(false, last);
        }
        feed.offer(last);
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
        if (refusal() == null && feed.isComplete()) {
            handOver();
        } else if (refusal() != null && ended) {
            mail.answer(refusal());
        }
    }

    private void handOver() {
        handedOver = true;
        boolean smtpUtf8 = utf8 || !isAscii(envelope);
        Command.Mail command = new Command.Mail(
                envelope.reversePath(), -1, eightBit ? Body.EIGHT_BIT_MIME : Body.SEVEN_BIT, smtpUtf8, null);
        mail.hand(
                new PostedMail.Message(queueId, command, envelope.recipients(), Map.of()),
                feed.content(),
                outcome -> mail.answer(
                        outcome.refusal() == null
                                ? Answer.kept(List.of(outcome.mail()))
                                : mail.refused(outcome.refusal())));
    }

    private static boolean isAscii(RawEnvelope envelope) {
        return CommandParser.isAscii(envelope.reversePath())
                && envelope.recipients().stream().allMatch(each -> CommandParser.isAscii(each.toString()));
    }

    @Override
    public void release() {
        released = true;
        if (inHeader) {
            forgetHeader();
            inHeader = false;
        }
        if (!handedOver) {
            feed.release();
        }
    }
}
