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
    private @Nullable Transaction transaction;
    private @Nullable Composed composed;
    private @Nullable Refusal refusal;
    private boolean over;

    /** The mail that is on its way into Kafka's producer. */
    private record Composed(int index, String queueId, ContentFeed feed) {}

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

    /** Nothing more is begun, and nobody hears an answer. */
    @Override
    public void fault(Throwable bug) {
        over = true;
        if (!composes) {
            drop();
        }
        onFault.accept(bug);
    }

    /** There may be room for what waits. */
    @Override
    public void goOn() {
        try {
            proceed();
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    private void proceed() {
        if (over) {
            return;
        }
        if (composed != null) {
            write(composed);
        }
        boolean idle = composed == null && !composes;
        if (refusal == null && begun < plan.size() && mail.parts().isClosing().getAsBoolean()) {
            refusal = Refusal.of(Replies.CLOSING);
        }
        if (idle && refusal == null && begun < plan.size() && unanswered < MOST_UNANSWERED) {
            compose(begun++);
        } else if (idle && unanswered == 0 && (refusal != null || begun == plan.size())) {
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
        MailOptions options = MailOptions.plain(-1, planned.needsSmtpUtf8(post));
        Transaction its = mail.begin(post.addressing().reversePath(), options, post.meta());
        transaction = its;
        refusal = mail.name(its, planned.recipients());
        if (refusal != null) {
            drop();
            goOn();
            return;
        }
        composes = true;
        String itsId = QueueIds.plus(queueId, index);
        Composition made = new Composition(index, itsId, its);
        mail.parts()
                .composing()
                .run(
                        mail.parts().intake().loop(),
                        () -> MimeComposer.compose(post, planned, itsId),
                        made,
                        made::failed);
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

    /** Gives up the mail that is not handed over yet, if there is one. */
    private void drop() {
        Composed its = composed;
        Transaction begunOne = transaction;
        composed = null;
        transaction = null;
        if (its != null) {
            its.feed().release();
        }
        if (begunOne != null) {
            begunOne.release();
        }
        giveBack();
    }

    /** What becomes of a mail that is being composed. */
    private final class Composition implements Composing.Made<byte[]> {
        private final int index;
        private final String queueId;
        private final Transaction itsTransaction;

        Composition(int index, String queueId, Transaction itsTransaction) {
            this.index = index;
            this.queueId = queueId;
            this.itsTransaction = itsTransaction;
        }

        @Override
        public void made(byte[] content) {
            composes = false;
            if (over) {
                drop();
            } else {
                begin(
                        new Composed(index, queueId, mail.open(itsTransaction, PostedMails.this, () -> queueId)),
                        content);
            }
        }

        @Override
        public void unfit(UnfitRequestException why) {
            throw new IllegalStateException("planned and yet unfit", why);
        }

        @Override
        public void busy() {
            composes = false;
            drop();
            refusal = Refusal.of(Replies.NO_ROOM);
            goOn();
        }

        void failed(Throwable bug) {
            composes = false;
            fault(bug);
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
            drop();
            refusal = Refusal.of(refused);
        } else if (its.feed().isComplete() && transaction != null) {
            Transaction whole = transaction;
            composed = null;
            transaction = null;
            unanswered++;
            giveBack();
            mail.hand(its.queueId(), whole, its.feed().content(), this::fault, refusedLater -> {
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
