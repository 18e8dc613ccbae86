package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.content.MailContent;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.TlsPolicy;
import org.postroad.testkit.ManualClock;

/** Dialogs as text: what we say, and in which flight. */
class SmtpConnectionTest implements SmtpConnection.Owner, SmtpConnection.Opener, Transaction.Sender, StepTime.Measures {
    private static final ContentSource NO_CONTENT = (ref, chunk, loop, receiver) -> {};
    private static final String EHLO = "250-mx.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n";

    private final Deque<Transaction> riders = new ArrayDeque<>();
    private final List<Transaction> ended = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final ManualClock clock = new ManualClock();
    private final SmtpClient client = new SmtpClient("mail.sender.test", TlsUpgrade.create(), clock, this);
    private final SmtpConnection connection = new SmtpConnection(
            Endpoint.of("mx.test", InetAddress.getLoopbackAddress(), 25, TlsPolicy.NONE), client, this, this);
    private final EmbeddedChannel channel = new EmbeddedChannel(connection);
    private boolean held = true;

    @Test
    void commandsGoInOneFlightAndTheNextMessagesRideWithTheDot() {
        openWith(EHLO);
        riders.add(transaction("b"));
        connection.begin(transaction("a"));
        assertThat(said()).isEqualTo("MAIL FROM:<s@sender.test> SIZE=5|RCPT TO:<a@mx.test>|DATA|");
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        assertThat(said()).isEqualTo("T:|..|.|MAIL FROM:<s@sender.test> SIZE=5|RCPT TO:<b@mx.test>|DATA|");
        hears("250 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        assertThat(said()).isEqualTo("T:|..|.|");
        assertThat(events).endsWith("ended a");
        hears("250 taken\r\n");
        assertThat(events).endsWith("ended b", "idle");
    }

    @Test
    void withoutPipeliningOneCommandAtATime() {
        openWith("250 mx.test\r\n");
        riders.add(transaction("b"));
        connection.begin(transaction("a", "c"));
        assertThat(said()).isEqualTo("MAIL FROM:<s@sender.test>|");
        hears("250 ok\r\n");
        assertThat(said()).isEqualTo("RCPT TO:<a@mx.test>|");
        hears("250 ok\r\n");
        assertThat(said()).isEqualTo("RCPT TO:<c@mx.test>|");
        hears("550 no\r\n");
        assertThat(said()).isEqualTo("DATA|");
        hears("354 go\r\n");
        assertThat(said()).isEqualTo("T:|..|.|");
        hears("250 taken\r\n");
        assertThat(events).endsWith("ended a", "idle");
    }

    @Test
    void aTransactionWithoutReplyToADotIsResetBeforeTheNext() {
        openWith(EHLO);
        connection.begin(transaction("a"));
        said();
        hears("250 ok\r\n550 no\r\n503 none\r\n");
        connection.begin(transaction("b"));
        assertThat(said()).startsWith("RSET|MAIL FROM:");
        hears("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        assertThat(said()).isEqualTo("T:|..|.|");
    }

    @Test
    void aTransactionWhoseContentIsRefusedIsResetBeforeTheNext() {
        openWith(EHLO);
        for (String refusal : List.of("554 no", "451 later")) {
            connection.begin(transaction("a"));
            hears(said().startsWith("RSET|") ? "250 reset\r\n" : "");
            hears("250 ok\r\n250 ok\r\n354 go\r\n");
            said();
            hears(refusal + "\r\n");
        }
        connection.begin(transaction("b"));
        assertThat(said()).startsWith("RSET|MAIL FROM:");
        hears("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        hears("250 taken\r\n");
        said();
        connection.begin(transaction("c"));
        assertThat(said()).startsWith("MAIL FROM:");
    }

    @Test
    void aRiderThatIsOutOfSequenceAfterARefusedDotIsUntouched() {
        openWith(EHLO);
        riders.add(transaction("b"));
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        hears("554 no\r\n503 5.5.1 nested MAIL\r\n503 no\r\n503 no\r\n");
        assertThat(events).endsWith("ended a", "closed", "ended b REFUSED");
        Breakdown why = ended.get(1).breakdown();
        assertThat(why != null && why.stale() && why.isOutOfSequence()).isTrue();
    }

    @Test
    void onAFreshConnectionOutOfSequenceIsAnOrdinaryReply() {
        openWith(EHLO);
        connection.begin(transaction("a"));
        hears("503 bad sequence\r\n503 no\r\n503 no\r\n");
        assertThat(events).endsWith("ended a", "idle");
    }

    @Test
    void aLoneDotEndsAMessageForNobody() {
        openWith(EHLO);
        connection.begin(transaction("a"));
        said();
        hears("250 ok\r\n550 no\r\n354 go\r\n");
        assertThat(said()).isEqualTo(".|");
        hears("554 no recipients\r\n");
        assertThat(events).endsWith("ended a", "idle");
        assertThat(ended.get(0).isDotSent()).isFalse();
    }

    @Test
    void aRiderWhosePredecessorsConnectionBreaksIsUntouched() {
        openWith(EHLO);
        riders.add(transaction("b"));
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        channel.close();
        assertThat(ended).hasSize(2);
        assertThat(ended.get(0).isDotSent()).isTrue();
        assertThat(ended.get(1).isDotSent()).isFalse();
        assertThat(ended.get(1).isRiding()).isTrue();
        Breakdown breakdown = ended.get(1).breakdown();
        assertThat(breakdown != null && breakdown.stale()).isTrue();
    }

    @Test
    void thePermissionForTheDotIsWaitedForAndThenGivenUp() {
        openWith(EHLO);
        held = false;
        connection.begin(transaction("a"));
        said();
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        assertThat(said()).isEqualTo("T:|..|");
        connection.tick(clock.nanoTime());
        assertThat(said()).isEmpty();
        connection.tick(Step.CONTENT.limitNanos() + 1);
        assertThat(events).endsWith("closed", "ended a WITHHELD");
    }

    @Test
    void anExchangerThatDoesNotWaitForOurPermissionIsNotToBlame() {
        openWith(EHLO);
        held = false;
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        channel.close();
        assertThat(events).endsWith("closed", "ended a WITHHELD");
    }

    @Test
    void aDotSentLateIsADotAllTheSame() {
        openWith(EHLO);
        held = false;
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        said();
        held = true;
        connection.tick(clock.nanoTime());
        assertThat(said()).isEqualTo(".|");
        hears("250 taken\r\n");
        assertThat(events).endsWith("ended a", "idle");
    }

    @Test
    void silenceEndsAtTheStepsLimit() {
        openWith(EHLO);
        connection.begin(transaction("a"));
        connection.tick(Step.MAIL.limitNanos());
        assertThat(connection.isClosed()).isFalse();
        connection.tick(Step.MAIL.limitNanos() + 1);
        assertThat(events).endsWith("closed", "ended a TIMEOUT");
    }

    @Test
    void threeHundredAndFiftyFourToRcptIsNoReplyToBelieve() {
        openWith(EHLO);
        connection.begin(transaction("a"));
        hears("250 ok\r\n354 go\r\n");
        assertThat(events).endsWith("closed", "ended a GARBAGE");
    }

    @Test
    void anIdleConnectionThatTalksIsClosedWithoutHarm() {
        openWith(EHLO);
        hears("421 4.4.2 idle too long\r\n");
        assertThat(events).containsExactly("opened", "closed");
    }

    @Test
    void aMiscountAfterThePredecessorsReplyIsStillOneOfARider() {
        openWith(EHLO);
        riders.add(transaction("b"));
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        hears("250 taken\r\n250 ok\r\n250 ok\r\n250 ok\r\n");
        assertThat(events).endsWith("ended a", "closed", "ended b GARBAGE");
        assertThat(ended.get(1).hasRidden()).isTrue();
        assertThat(ended.get(1).isRiding()).isFalse();
    }

    @Test
    void aBugInTheNextMessageLosesNotTheAnswerOfThisOne() {
        openWith(EHLO);
        ContentSource broken = (ref, chunk, loop, receiver) -> {
            throw new IllegalStateException("a bug");
        };
        ContentRef reference = new ContentRef(new ContentId(new byte[16]), 0, List.of(0L), 1L, 0);
        ByteBuffer nothing = ByteBuffer.allocate(0);
        MailContent unreadable = new MailContent(nothing, nothing, reference, broken);
        riders.add(new Transaction(this, "", List.of("b@mx.test"), false, false, unreadable));
        connection.begin(transaction("a"));
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        hears("250 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        assertThat(events).endsWith("ended a", "closed", "ended b FAULT");
    }

    @Test
    void largeContentIsHandedToTheSocketBeforeItsDotIsPermitted() {
        openWith(EHLO);
        ByteBuffer large =
                ByteBuffer.wrap("x".repeat(ContentFlow.WITH_DOT_OCTETS).getBytes(StandardCharsets.US_ASCII));
        MailContent content =
                new MailContent(ByteBuffer.wrap(new byte[] {'T', ':', '\r', '\n'}), large, null, NO_CONTENT);
        connection.begin(new Transaction(this, "", List.of("a@mx.test"), false, false, content));
        said();
        hears("250 ok\r\n250 ok\r\n354 go\r\n");
        ByteBuf first = channel.readOutbound();
        assertThat(first.toString(StandardCharsets.US_ASCII)).startsWith("T:").endsWith("x");
        first.release();
        assertThat(said()).isEqualTo("|.|");
    }

    @Test
    void aStalledHandshakeMeansThatTlsCannotBeHad() {
        SmtpConnection upgrading = new SmtpConnection(
                Endpoint.of("mx.test", InetAddress.getLoopbackAddress(), 25, TlsPolicy.OPPORTUNISTIC),
                client,
                this,
                this);
        EmbeddedChannel wire = new EmbeddedChannel(upgrading);
        for (String reply : List.of("220 mx.test\r\n", "250-mx.test\r\n250 STARTTLS\r\n", "220 go\r\n")) {
            wire.writeInbound(Unpooled.copiedBuffer(reply, StandardCharsets.US_ASCII));
        }
        upgrading.tick(Step.HANDSHAKE.limitNanos() + 1);
        assertThat(events).endsWith("not opened NO_TLS");
        wire.finishAndReleaseAll();
    }

    @Test
    void aChannelThatCannotBeMadeIsToldOnTheLoop() throws Exception {
        EventLoop loop = new DefaultEventLoop();
        CompletableFuture<Boolean> toldOnLoop = new CompletableFuture<>();
        SmtpConnection.Opener opener = new SmtpConnection.Opener() {
            @Override
            public void opened(SmtpConnection on) {}

            @Override
            public void notOpened(SmtpConnection on, Breakdown why) {
                toldOnLoop.complete(loop.inEventLoop());
            }
        };
        ChannelFactory<Channel> descriptorsUsedUp = () -> {
            throw new ChannelException("too many open files");
        };
        SmtpConnection impossible = new SmtpConnection(connection.endpoint(), client, this, opener);
        loop.execute(() -> impossible.open(new Bootstrap().group(loop).channelFactory(descriptorsUsedUp)));
        assertThat(toldOnLoop.get(5, TimeUnit.SECONDS)).isTrue();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void openWith(String ehloReply) {
        hears("220 mx.test\r\n");
        assertThat(said()).isEqualTo("EHLO mail.sender.test|");
        hears(ehloReply);
        assertThat(events).containsExactly("opened");
    }

    private Transaction transaction(String... recipients) {
        MailContent content = new MailContent(
                ByteBuffer.wrap("T:\r\n".getBytes(StandardCharsets.US_ASCII)),
                ByteBuffer.wrap(".".getBytes(StandardCharsets.US_ASCII)),
                null,
                NO_CONTENT);
        List<String> addresses =
                List.of(recipients).stream().map(name -> name + "@mx.test").toList();
        return new Transaction(this, "s@sender.test", addresses, false, false, content);
    }

    private void hears(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    /** Everything said since, "|" for CRLF. */
    private String said() {
        StringBuilder said = new StringBuilder();
        for (ByteBuf flight = channel.readOutbound(); flight != null; flight = channel.readOutbound()) {
            said.append(flight.toString(StandardCharsets.US_ASCII));
            flight.release();
        }
        return said.toString().replace("\r\n", "|");
    }

    @Override
    public SmtpConnection.Owner owner() {
        return this;
    }

    @Override
    public void dotDue(SmtpConnection on) {
        if (held) {
            on.dot(on.offered().pipelining() ? riders.poll() : null);
        } else {
            on.withhold();
        }
    }

    @Override
    public void promoted(SmtpConnection on) {
        assertThat(on).isSameAs(connection);
    }

    @Override
    public void idle(SmtpConnection on) {
        events.add("idle");
    }

    @Override
    public void closed(SmtpConnection on) {
        events.add("closed");
    }

    @Override
    public void replied(Step step, long nanos) {
        assertThat(nanos).isNotNegative();
    }

    @Override
    public void failed(Step step, long nanos) {
        assertThat(nanos).isNotNegative();
    }

    @Override
    public void opened(SmtpConnection on) {
        events.add("opened");
    }

    @Override
    public void notOpened(SmtpConnection on, Breakdown why) {
        events.add("not opened " + why.kind());
    }

    @Override
    public void ended(SmtpConnection on, Transaction transaction) {
        ended.add(transaction);
        Breakdown why = transaction.breakdown();
        String name = transaction.recipients().get(0).substring(0, 1);
        events.add("ended " + name + (why == null ? "" : " " + why.kind()));
    }
}
