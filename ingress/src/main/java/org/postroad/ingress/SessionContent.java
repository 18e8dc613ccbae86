package org.postroad.ingress;

import io.netty.buffer.Unpooled;
import io.prometheus.client.Histogram;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/** Content in a session, after DATA (RFC 5321 section 4.1.1.4) or in chunks (RFC 3030), up to the answer for the message. */
final class SessionContent {
    private final SessionDialog dialog;
    private final IngressConfig config;
    private final ListenerMetrics metrics;
    private final Intake intake;
    private final Progress progress;
    private boolean closing;

    /** What a client had already said behind a MAIL or a chunk that we refused is no error of its own. */
    private boolean mailRefused;

    SessionContent(
            SessionDialog dialog, IngressConfig config, ListenerMetrics metrics, Intake intake, Progress progress) {
        this.dialog = dialog;
        this.config = config;
        this.metrics = metrics;
        this.intake = intake;
        this.progress = progress;
    }

    /** Whether what comes now can only follow a refused MAIL. */
    void mailRefused(boolean refused) {
        mailRefused = refused;
    }

    /** The session ends once it has answered for the message that Kafka is asked to keep. */
    void closeAfterAnswer() {
        closing = true;
    }

    /** A command that needs a transaction which is not there. */
    void refuseWithoutMail() {
        dialog.sayUnlessJunk(Replies.NO_MAIL, mailRefused ? Junk.OURS : Junk.ERROR);
    }

    void onData() {
        if (dialog.state() instanceof SessionState.Chunked) {
            dialog.refuse(Replies.DATA_AFTER_BDAT);
        } else if (dialog.state() instanceof SessionState.Open open
                && open.transaction().hasRecipients()) {
            dialog.say(Replies.START_CONTENT);
            receive(open.transaction(), intake.open(open.transaction(), new DotDecoder(), progress), null);
        } else {
            refuseContent();
        }
    }

    void onBdat(Command.Bdat bdat) {
        if (bdat.octets() > 2 * config.maxMessageSize(dialog.client().listener())) {
            dialog.end(Replies.TOO_LARGE); // reading so much only to drop it serves nobody
        } else if (dialog.state() instanceof SessionState.Chunked chunked) {
            chunked.chunks().expect(bdat.octets(), bdat.last());
            receive(chunked.transaction(), chunked.content(), chunked.chunks());
        } else if (dialog.state() instanceof SessionState.Open open
                && open.transaction().hasRecipients()) {
            ChunkDecoder chunks = new ChunkDecoder();
            chunks.expect(bdat.octets(), bdat.last());
            receive(open.transaction(), intake.open(open.transaction(), chunks, progress), chunks);
        } else {
            refuseContent();
            dialog.moves().add(new Move.Skip(bdat.octets())); // RFC 3030 section 2: it comes all the same
        }
    }

    private void refuseContent() {
        if (dialog.state() instanceof SessionState.Open) {
            dialog.refuse(Replies.NO_RECIPIENT);
        } else {
            refuseWithoutMail();
        }
    }

    private void receive(Transaction transaction, IncomingContent content, @Nullable ChunkDecoder chunks) {
        dialog.to(new SessionState.Receiving(transaction, content, chunks));
        dialog.moves().add(new Move.TakeContent(content));
        if (!content.wantsMore()) {
            content.take(Unpooled.EMPTY_BUFFER); // a chunk of no octets may be the end of all
            onContent(0);
        }
    }

    /** The content that was asked for has taken so many octets more. */
    void onContent(long octets) {
        if (!(dialog.state() instanceof SessionState.Receiving receiving)) {
            throw new IllegalStateException("content in " + dialog.state());
        }
        metrics.received(octets);
        if (receiving.content().ended()) {
            handOver(receiving.transaction(), receiving.content());
        } else if (receiving.chunks() != null && !receiving.content().wantsMore()) {
            chunkTaken(receiving.transaction(), receiving.content(), receiving.chunks());
        }
    }

    private void chunkTaken(Transaction transaction, IncomingContent content, ChunkDecoder chunks) {
        dialog.moves().add(Move.Step.TAKE_COMMANDS);
        Reply refusal = content.refusal();
        if (refusal == null) {
            dialog.to(new SessionState.Chunked(transaction, content, chunks));
            dialog.sayUnlessJunk(Replies.CHUNK_TAKEN, chunks.isSmall() ? Junk.OURS : 0);
        } else {
            metrics.answered(refusal);
            dialog.abandon();
            mailRefused = true; // and with it what comes behind
            dialog.sayUnlessJunk(refusal, refusal.isPermanent() ? Junk.IDLE_COMMAND : Junk.OURS);
        }
    }

    private void handOver(Transaction transaction, IncomingContent content) {
        dialog.to(new SessionState.Handing(transaction, content));
        dialog.moves().add(Move.Step.WAIT);
        Reply refusal = content.refusal();
        if (refusal != null) {
            content.release();
            answer(transaction, refusal);
            return;
        }
        Histogram.Timer wait = metrics.startWait();
        String queueId = intake.queueIdOf(content);
        intake.accept(queueId, transaction, content, progress::fault, refused -> {
            wait.observeDuration();
            answer(transaction, refused == null ? Replies.queued(queueId) : refused.reply());
            progress.goOn();
        });
    }

    private void answer(Transaction transaction, Reply reply) {
        metrics.answered(reply);
        transaction.release();
        if (dialog.isOver()) {
            return; // the client has gone; it will send again what it did not hear of
        }
        dialog.to(new SessionState.Greeted(transaction.origin()));
        dialog.moves().add(Move.Step.TAKE_COMMANDS);
        if (reply.isPositive()) {
            dialog.accepted();
            dialog.say(reply);
        } else {
            dialog.sayUnlessJunk(reply, reply.isPermanent() ? Junk.IDLE_COMMAND : Junk.OURS);
        }
        if (closing && !dialog.isOver()) {
            dialog.end(Replies.CLOSING);
        }
    }
}
