package org.postroad.ingress;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.MailPlan;
import org.postroad.ingress.http.MimeComposer;
import org.postroad.ingress.http.Post;
import org.postroad.ingress.http.UnfitRequestException;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Body;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Reply;

/**
 * The mails of one request on their way into Kafka: composed one after the other, some unanswered at a time. After one that Kafka does
 * not keep none is begun. It goes on by itself when its client has gone, as SMTP does behind the final dot. Confined to its event loop
 * but for what {@link Composing} does.
 */
final class PostedMails implements Progress {
    private static final int MOST_UNANSWERED = 32;

    /** What is held for one octet of a mail while it is composed: itself, and once more as it grows. */
    private static final int HELD_PER_OCTET = 2;

    private final PostedMail mail;
    private final JsonMemory memory;
    private final Post post;
    private final List<MailPlan.Mail> plan;
    private final String queueId;
    private Runnable whenKept = () -> {};
    private final Consumer<Answer> whenOver;
    private final Consumer<Throwable> onFault;
    private final List<Answer.Mail> outcomes = new ArrayList<>();
    private int begun;
    private int unanswered;
    private boolean composes;
    private long held;
    private @Nullable Composed composed;
    private @Nullable Refusal refusal;
    private boolean over;

    /** The mail that is on its way into Kafka's producer. */
    private record Composed(int index, String queueId, Transaction transaction, ContentFeed feed) {}

    /**
     * @param queueId of the first mail; the others count up from it
     * @param whenOver hears the answer, once
     * @param onFault hears what nobody foresaw
     */
    PostedMails(
            PostedMail mail,
            Post post,
            List<MailPlan.Mail> plan,
            String queueId,
            Consumer<Answer> whenOver,
            Consumer<Throwable> onFault) {
        this.mail = mail;
        this.memory = mail.parts().composing().memory();
        this.post = post;
        this.plan = plan;
        this.queueId = queueId;
        this.whenOver = whenOver;
        this.onFault = onFault;
        for (MailPlan.Mail each : plan) {
            outcomes.add(new Answer.Mail(null, recipients(each)));
        }
    }

    private static List<String> recipients(MailPlan.Mail planned) {
        return planned.recipients().stream().map(Object::toString).toList();
    }

    /** Writes all of them; {@code kept} hears when Kafka has them, before anybody is answered. */
    void write(Runnable kept) {
        whenKept = kept;
        goOn();
    }

    /** The answer where Kafka has all of them already. */
    Answer kept() {
        List<Answer.Mail> all = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            all.add(new Answer.Mail(QueueIds.plus(queueId, i), recipients(plan.get(i))));
        }
        return Answer.kept(all);
    }

    @Override
    public void fault(Throwable bug) {
        onFault.accept(bug);
    }

    /** There may be room for what waits. */
    @Override
    public void goOn() {
        if (composed != null) {
            write(composed);
        }
        boolean idle = composed == null && !composes;
        if (idle && refusal == null && begun < plan.size() && unanswered < MOST_UNANSWERED) {
            compose(begun++);
        } else if (idle && unanswered == 0 && !over && (refusal != null || begun == plan.size())) {
            over = true;
            whenOver.accept(answer());
        }
    }

    private Answer answer() {
        if (refusal == null) {
            whenKept.run();
            return Answer.kept(outcomes);
        }
        boolean someKept = outcomes.stream().anyMatch(each -> each.queueId() != null);
        return mail.refused(refusal, someKept ? outcomes : List.of());
    }

    private void compose(int index) {
        MailPlan.Mail planned = plan.get(index);
        if (!hold(planned)) {
            refusal = Refusal.of(Replies.NO_ROOM);
            goOn();
            return;
        }
        MailOptions options = new MailOptions(-1, Body.SEVEN_BIT, planned.needsSmtpUtf8(post), null, null, null);
        Transaction transaction = mail.begin(post.addressing().reversePath(), options, post.meta());
        refusal = mail.name(transaction, planned.recipients());
        if (refusal != null) {
            giveBack();
            transaction.release();
            goOn();
            return;
        }
        composes = true;
        String its = QueueIds.plus(queueId, index);
        Composition made = new Composition(index, its, transaction);
        mail.parts()
                .composing()
                .run(mail.parts().intake().loop(), () -> MimeComposer.compose(post, planned, its), made, made::failed);
    }

    /** Memory for one mail, until it is in the memory for content; there is no more than one such mail at a time. */
    private boolean hold(MailPlan.Mail planned) {
        long octets = heldFor(planned);
        if (!memory.take(octets)) {
            return false;
        }
        held = octets;
        return true;
    }

    /** What it takes to compose this, in octets. */
    static long heldFor(MailPlan.Mail planned) {
        return planned.octets() * HELD_PER_OCTET;
    }

    private void giveBack() {
        memory.give(held);
        held = 0;
    }

    /** What becomes of a mail that is being composed. */
    private final class Composition implements Composing.Made<byte[]> {
        private final int index;
        private final String queueId;
        private final Transaction transaction;

        Composition(int index, String queueId, Transaction transaction) {
            this.index = index;
            this.queueId = queueId;
            this.transaction = transaction;
        }

        @Override
        public void made(byte[] content) {
            composes = false;
            begin(new Composed(index, queueId, transaction, mail.open(transaction, PostedMails.this)), content);
        }

        @Override
        public void unfit(UnfitRequestException why) {
            throw new IllegalStateException("planned and yet unfit", why);
        }

        @Override
        public void busy() {
            composes = false;
            giveBack();
            transaction.release();
            refusal = Refusal.of(Replies.NO_ROOM);
            goOn();
        }

        void failed(Throwable bug) {
            giveBack();
            transaction.release();
            onFault.accept(bug);
        }
    }

    private void begin(Composed its, byte[] content) {
        its.feed().offer(Unpooled.wrappedBuffer(content));
        its.feed().complete();
        composed = its;
        goOn();
    }

    private void write(Composed its) {
        its.feed().drain();
        Reply refused = its.feed().content().refusal();
        if (refused != null) {
            composed = null;
            refusal = Refusal.of(refused);
            its.feed().release();
            giveBack();
            its.transaction().release();
        } else if (its.feed().isComplete()) {
            composed = null;
            unanswered++;
            giveBack();
            mail.hand(its.queueId(), its.transaction(), its.feed().content(), refusedLater -> {
                unanswered--;
                if (refusedLater == null) {
                    outcomes.set(its.index(), new Answer.Mail(its.queueId(), recipients(plan.get(its.index()))));
                } else {
                    refusal = refusedLater;
                }
                goOn();
            });
        }
    }
}
