package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.Histogram;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.RequestHead;
import org.postroad.ingress.idempotency.Claim;
import org.postroad.ingress.idempotency.Fingerprint;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Mailbox;

/** What one request's body has at hand to become mail of its client; confined to its event loop. */
final class PostedMail {
    private final HttpParts parts;
    private final Admission client;
    private final @Nullable Fingerprint key;
    private final @Nullable MessageDigest digest;
    private @Nullable Fingerprint content;
    private @Nullable String ownQueueId;
    private final Progress progress;
    private final Consumer<Answer> answering;

    /** @param answering hears the answer to the whole request, once */
    PostedMail(HttpParts parts, Admission client, RequestHead head, Progress progress, Consumer<Answer> answering) {
        String itsKey = head.idempotencyKey();
        String user = client.user() == null ? "" : client.user();
        this.key = itsKey == null ? null : Fingerprint.ofKey(user, itsKey);
        this.digest = itsKey == null ? null : Fingerprint.begin();
        posted(ByteBuffer.wrap(head.target().getBytes(UTF_8)));
        this.parts = parts;
        this.client = client;
        this.progress = progress;
        this.answering = answering;
    }

    HttpParts parts() {
        return parts;
    }

    Progress progress() {
        return progress;
    }

    /** Octets that one message may have. */
    long maxMessageSize() {
        return parts.config().maxMessageSize(client.listener());
    }

    OctetBudget budget() {
        return parts.intake().budget();
    }

    /** These octets are part of the request: another that has other octets is no repetition of it. */
    void posted(ByteBuffer octets) {
        if (digest != null) {
            digest.update(octets);
        }
    }

    /** Whether all that is asked was done for a request with the same key. */
    boolean isKept() {
        return key != null && parts.keys().isKept(key);
    }

    /**
     * Asks what its mails are called, once all of it was {@link #posted}.
     *
     * @param then hears exactly once what becomes of the request
     */
    void claim(int mails, Consumer<Claim> then) {
        String fresh = mails == 1 ? ownQueueId() : parts.intake().nextQueueIds(mails);
        if (key == null || digest == null) {
            then.accept(Claim.ofNewMail(fresh));
            return;
        }
        content = Fingerprint.of(digest);
        parts.keys().claim(key, content, fresh, claim -> {
            try {
                then.accept(claim);
            } catch (Throwable bug) {
                progress.fault(bug);
            }
        });
    }

    /** All mail of the request is kept. */
    void kept(Claim claim) {
        if (key != null && content != null) {
            parts.keys().kept(key, content, claim.queueId());
        }
    }

    /** One without recipients yet; whoever begins it releases it, or hands it over. */
    Transaction begin(String reversePath, MailOptions options, Map<String, String> meta) {
        Transaction transaction =
                parts.intake().begin(Origin.http(client), new Command.Mail(reversePath, options, null));
        transaction.note(meta);
        if (key != null) {
            transaction.markRepeatable();
        }
        return transaction;
    }

    /** Whether its client may give this address as its own. */
    boolean maySendAs(String address) {
        return parts.config().termsOf(client.user()).maySendAs(address);
    }

    /** Names its recipients; why it is refused, or null. It counts in its client's rates, as MAIL and RCPT do. */
    @Nullable
    Refusal name(Transaction transaction, List<Mailbox> recipients) {
        if (!maySendAs(transaction.reversePath())) {
            return Refusal.of(Replies.SENDER_NOT_YOURS);
        }
        Refusal refusal = parts.intake().refusal(client);
        for (Mailbox recipient : recipients) {
            if (refusal == null) {
                refusal = parts.intake().refusal(transaction);
            }
            if (refusal != null) {
                return refusal;
            }
            switch (transaction.add(recipient, RcptOptions.NONE)) {
                case TAKEN, KNOWN -> {}
                case TOO_MANY -> refusal = Refusal.of(Replies.TOO_MANY_RECIPIENTS);
                case NO_ROOM -> refusal = Refusal.of(Replies.NO_ROOM);
            }
        }
        return refusal;
    }

    /**
     * Content that goes in.
     *
     * @param whenRoom hears that it takes more
     * @param queueId what hooks know it by
     */
    ContentFeed open(Transaction transaction, Progress whenRoom, Supplier<String> queueId) {
        return new ContentFeed(parts.intake(), transaction, whenRoom, queueId);
    }

    /** What the only mail of the request is called, unless another request with its key came first. */
    String ownQueueId() {
        String id = ownQueueId == null ? parts.intake().nextQueueIds(1) : ownQueueId;
        ownQueueId = id;
        return id;
    }

    /**
     * Keeps a message whose content is complete; nothing of it is held after either has heard.
     *
     * @param onFault hears instead of what nobody foresaw
     * @param then hears exactly once why it is not kept, or null
     */
    void hand(
            String queueId,
            Transaction transaction,
            IncomingContent content,
            Consumer<Throwable> onFault,
            Consumer<@Nullable Refusal> then) {
        parts.metrics().received(content.seen());
        Histogram.Timer wait = parts.metrics().startWait();
        Consumer<Throwable> failed = bug -> {
            content.release();
            transaction.release();
            onFault.accept(bug);
        };
        parts.intake().accept(queueId, transaction, content, failed, refusal -> {
            wait.observeDuration();
            transaction.release();
            if (refusal == null) {
                parts.metrics().answered(Replies.queued(queueId));
            }
            then.accept(refusal);
        });
    }

    /**
     * Counts a message that is refused, and answers for it.
     *
     * @param mails of the request, some of which are kept; empty where none is
     */
    Answer refused(Refusal refusal, List<Answer.Mail> mails) {
        parts.metrics().answered(refusal.reply());
        return HttpAnswers.of(refusal, maxMessageSize(), mails);
    }

    void answer(Answer answer) {
        answering.accept(answer);
    }
}
