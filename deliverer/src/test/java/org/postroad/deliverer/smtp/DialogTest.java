package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.content.MailContent;
import org.postroad.schemas.Reply;
import org.postroad.schemas.TlsPolicy;

/** What is heard, and the move that follows: no channel, no loop, no time. */
class DialogTest implements Move.Cases {
    private static final String PIPELINING = "250-mx.test\n250 PIPELINING";
    private static final String ASKED_A = "send MAIL FROM:<s@sender.test>|RCPT TO:<a@mx.test>|DATA|";

    private Dialog dialog = new Dialog(TlsPolicy.NONE, "mail.sender.test", octets -> Unpooled.buffer());
    private String made = "";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            220 mx.test | send EHLO mail.sender.test
            554 go away | break REFUSED BANNER
            354 what    | break GARBAGE BANNER
            """)
    void theBannerDecidesWhetherWeGreet(String banner, String move) throws Exception {
        assertThat(heard(banner)).startsWith(move);
    }

    @Test
    void anExchangerWithoutExtensionsIsGreetedByHelo() throws Exception {
        heard("220 mx.test");
        assertThat(heard("502 what")).isEqualTo("send HELO mail.sender.test|");
        assertThat(heard("250 mx.test")).isEqualTo("OPENED");
        assertThat(dialog.offered()).isEqualTo(Capabilities.NONE);
    }

    @Test
    void whatWasOfferedBeforeTlsIsForgotten() throws Exception {
        dialog = new Dialog(TlsPolicy.REQUIRED, "mail.sender.test", octets -> Unpooled.buffer());
        heard("220 mx.test");
        assertThat(heard("250-mx.test\n250-PIPELINING\n250 STARTTLS")).isEqualTo("send STARTTLS|");
        assertThat(heard("220 go")).isEqualTo("START_TLS");
        assertThat(make(dialog.handshaken())).isEqualTo("send EHLO mail.sender.test|");
        assertThat(dialog.offered()).isEqualTo(Capabilities.NONE);
        assertThat(heard("250 mx.test")).isEqualTo("OPENED");
        assertThat(dialog.isEncrypted()).isTrue();
    }

    @Test
    void aMessageIsAskedForSentAndEnded() throws Exception {
        open(PIPELINING);
        assertThat(begin("a")).isEqualTo(ASKED_A);
        assertThat(heard("250 ok")).isEqualTo("WAIT");
        assertThat(heard("250 ok")).isEqualTo("WAIT");
        assertThat(heard("354 go")).isEqualTo("SEND_CONTENT");
        contentIsOut();
        assertThat(make(dialog.dot(null))).isEqualTo("send content|.|");
        assertThat(heard("250 taken")).isEqualTo("ended a");
        assertThat(dialog.isIdle()).isTrue();
    }

    @Test
    void whatRidesWithADotIsAnsweredNext() throws Exception {
        open(PIPELINING);
        sendToTheDot("a");
        Transaction rider = transaction("b");
        assertThat(make(dialog.dot(rider)))
                .isEqualTo("send content|.|MAIL FROM:<s@sender.test>|RCPT TO:<b@mx.test>|DATA|");
        assertThat(rider.isRiding()).isTrue();
        assertThat(heard("250 taken")).isEqualTo("ended a");
        assertThat(dialog.current()).isSameAs(rider);
        assertThat(rider.isRiding()).isFalse();
        assertThat(dialog.carried()).isEqualTo(2);
    }

    @Test
    void theEndOfTheContentLeavesOnceWhereItsDotHasToWait() throws Exception {
        open(PIPELINING);
        sendToTheDot("a");
        assertThat(make(dialog.withhold())).isEqualTo("send content|");
        assertThat(make(dialog.withhold())).isEqualTo("WAIT");
        assertThat(dialog.delay()).isEqualTo(Breakdown.Kind.WITHHELD);
        assertThat(make(dialog.dot(null))).isEqualTo("send .|");
    }

    @Test
    void contentThatNeverLeavesIsReleased() throws Exception {
        open(PIPELINING);
        begin("a");
        for (String reply : List.of("250 ok", "250 ok", "354 go")) {
            heard(reply);
        }
        ByteBuf flight = Unpooled.copiedBuffer("content\r\n", StandardCharsets.US_ASCII);
        dialog.dotDue(flight);
        DialogState before = dialog.over();
        assertThat(before.current()).isNotNull();
        assertThat(flight.refCnt()).isZero();
        assertThat(dialog.isOver()).isTrue();
    }

    @Test
    void aMessageThatWasTakenBackEndsBeforeItsContent() throws Exception {
        open(PIPELINING);
        Transaction taken = transaction("a");
        make(dialog.begin(taken));
        heard("250 ok");
        heard("250 ok");
        taken.takeBack();
        assertThat(heard("354 go")).isEqualTo("break WITHHELD DATA");
    }

    /** Of a message without PIPELINING; what was sent is told by the state. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            250 mx.test                     | 550 no                 | ended a              | Idle[resetNeeded=false]
            250 mx.test                     | 250 ok; 550 no         | ended a              | Idle[resetNeeded=true]
            250 mx.test                     | 250 ok; 250 ok         | send DATA            | Asking
            250-mx.test;250 PIPELINING      | 250 ok; 550 no; 354 go | send .               | Dot
            250-mx.test;250 PIPELINING      | 250 ok; 250 ok; 451 no | ended a              | Idle[resetNeeded=true]
            250 mx.test                     | 421 closing            | break REFUSED MAIL   | Asking
            250 mx.test                     | 354 what               | garbage              | Asking
            """)
    void aRefusalEndsWhatItIsAbout(String ehlo, String replies, String move, String state) throws Exception {
        open(ehlo.replace(';', '\n'));
        begin("a");
        for (String reply : replies.split("; ")) {
            try {
                heard(reply);
            } catch (MalformedReplyException e) {
                made = "garbage";
            }
        }
        assertThat(made).startsWith(move);
        assertThat(dialog.state().toString()).startsWith(state);
    }

    @Test
    void aReplyWhileContentIsSentIsARefusalOrNoReplyAtAll() throws Exception {
        open(PIPELINING);
        sendToTheDot("a");
        make(dialog.withhold());
        assertThatThrownBy(() -> heard("250 taken?")).isInstanceOf(MalformedReplyException.class);
        assertThat(heard("552 too large")).isEqualTo("break REFUSED CONTENT");
    }

    @Test
    void whoTalksUnaskedIsLeft() throws Exception {
        open(PIPELINING);
        assertThat(heard("421 idle too long")).isEqualTo("CLOSE");
    }

    private void open(String ehlo) throws Exception {
        heard("220 mx.test");
        assertThat(heard(ehlo)).isEqualTo("OPENED");
    }

    private String begin(String recipient) {
        return make(dialog.begin(transaction(recipient)));
    }

    private void sendToTheDot(String recipient) throws Exception {
        begin(recipient);
        heard("250 ok");
        heard("250 ok");
        assertThat(heard("354 go")).isEqualTo("SEND_CONTENT");
        contentIsOut();
    }

    private void contentIsOut() {
        dialog.dotDue(Unpooled.copiedBuffer("content\r\n", StandardCharsets.US_ASCII));
        assertThat(dialog.step()).isEqualTo(Step.CONTENT);
    }

    private String heard(String reply) throws MalformedReplyException {
        ByteBuf octets = Unpooled.copiedBuffer(reply.replace("\n", "\r\n") + "\r\n", StandardCharsets.US_ASCII);
        Reply whole = Objects.requireNonNull(new ReplyDecoder().decode(octets));
        return make(dialog.replied(whole, false));
    }

    private String make(Move move) {
        move.tell(this);
        return made;
    }

    private static Transaction transaction(String recipient) {
        ByteBuffer nothing = ByteBuffer.allocate(0);
        MailContent content = new MailContent(nothing, nothing, null, (ref, chunk, loop, receiver) -> {});
        List<String> recipients = List.of(recipient + "@mx.test");
        return new Transaction(new Transactions.Nobody(), "s@sender.test", recipients, false, false, content);
    }

    @Override
    public void onSend(ByteBuf flight) {
        made = "send " + flight.toString(StandardCharsets.US_ASCII).replace("\r\n", "|");
        flight.release();
    }

    @Override
    public void onEnded(Transaction ended) {
        made = "ended " + ended.recipients().get(0).charAt(0);
    }

    @Override
    public void onBreak(Breakdown why) {
        made = "break " + why.kind() + " " + why.step();
    }

    @Override
    public void onPlain(Move.Plain move) {
        made = move.name();
    }
}
