package org.postroad.ingress;

import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Reply;

/** What one request's body has at hand to become mail of its client; confined to its event loop. */
final class PostedMail {
    private final HttpParts parts;
    private final Admission client;
    private final Progress progress;
    private final Consumer<Answer> answering;

    /**
     * One message to be kept.
     *
     * @param meta what its client wants kept with it
     */
    record Message(String queueId, Command.Mail command, List<Mailbox> recipients, Map<String, String> meta) {}

    /**
     * What became of one.
     *
     * @param refusal null when Kafka has it
     */
    record Outcome(Answer.Mail mail, @Nullable Reply refusal) {}

    /** @param answering hears the answer to the whole request, once */
    PostedMail(HttpParts parts, Admission client, Progress progress, Consumer<Answer> answering) {
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

    /**
     * Content that goes in.
     *
     * @param declaredSize octets of it, or -1
     * @param whenRoom hears that it takes more
     */
    ContentFeed open(long declaredSize, Progress whenRoom) {
        return new ContentFeed(parts.intake(), declaredSize, whenRoom);
    }

    OctetBudget budget() {
        return parts.intake().budget();
    }

    String nextQueueId() {
        return parts.intake().nextQueueId();
    }

    String messageId(String queueId) {
        return "<" + queueId + "@" + parts.config().hostname() + ">";
    }

    String date() {
        return parts.intake().date();
    }

    /** Counts content that was refused before it was handed over, and answers for it. */
    Answer refused(Reply refusal) {
        if (refusal.equals(Replies.TOO_MANY_RECIPIENTS)) {
            return Answer.problem(400, "more recipients than fit one message", "to");
        }
        parts.metrics().answered(refusal);
        return HttpAnswers.of(refusal, parts.config());
    }

    void answer(Answer answer) {
        answering.accept(answer);
    }

    /** Keeps a message whose content is complete; {@code then} hears what became of it, exactly once. */
    void hand(Message message, IncomingContent content, Consumer<Outcome> then) {
        Transaction transaction = parts.intake().begin(Origin.http(client), message.command());
        transaction.note(message.meta());
        Reply refusal = name(message.recipients(), transaction);
        if (refusal != null) {
            content.release();
            transaction.release();
            then.accept(new Outcome(new Answer.Mail(null, List.of()), refusal));
            return;
        }
        List<String> recipients =
                transaction.recipients().stream().map(Recipient::getAddress).toList();
        parts.metrics().received(content.seen());
        Histogram.Timer wait = parts.metrics().startWait();
        parts.intake().accept(message.queueId(), transaction, content, progress::fault, reply -> {
            wait.observeDuration();
            transaction.release();
            boolean kept = reply.isPositive();
            if (kept) {
                parts.metrics().answered(reply);
            }
            Answer.Mail mail = new Answer.Mail(kept ? message.queueId() : null, recipients);
            then.accept(new Outcome(mail, kept ? null : reply));
        });
    }

    private static @Nullable Reply name(List<Mailbox> recipients, Transaction transaction) {
        for (Mailbox recipient : recipients) {
            switch (transaction.add(recipient)) {
                case TAKEN, KNOWN -> {}
                case TOO_MANY -> {
                    return Replies.TOO_MANY_RECIPIENTS;
                }
                case NO_ROOM -> {
                    return Replies.NO_ROOM;
                }
            }
        }
        return null;
    }
}
