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
import org.postroad.schemas.Body;
import org.postroad.schemas.Reply;

/**
 * The mails of one request on their way into Kafka: composed one after the other, some unanswered at a time. After one that Kafka does
 * not keep none is begun. It goes on by itself when its client has gone, as SMTP does behind the final dot. Confined to its event loop
 * but for what {@link Composing} does.
 */
final class PostedMails implements Progress {
    private static final int MOST_UNANSWERED = 32;

    private final PostedMail mail;
    private final Post post;
    private final List<MailPlan.Mail> plan;
    private final Consumer<Answer> whenOver;
    private final Consumer<Throwable> onFault;
    private final List<Answer.Mail> outcomes = new ArrayList<>();
    private int begun;
    private int unanswered;
    private boolean composes;
    private @Nullable Composed composed;
    private @Nullable Reply refusal;
    private boolean over;

    /** The mail that is on its way into Kafka's producer. */
    private record Composed(int index, String queueId, ContentFeed feed) {}

    /**
     * @param whenOver hears the answer, once
     * @param onFault hears what nobody foresaw
     */
    PostedMails(
            PostedMail mail,
            Post post,
            List<MailPlan.Mail> plan,
            Consumer<Answer> whenOver,
            Consumer<Throwable> onFault) {
        this.mail = mail;
        this.post = post;
        this.plan = plan;
        this.whenOver = whenOver;
        this.onFault = onFault;
        for (MailPlan.Mail each : plan) {
            outcomes.add(new Answer.Mail(null, recipients(each)));
        }
    }

    private static List<String> recipients(MailPlan.Mail planned) {
        return planned.recipients().stream().map(Object::toString).toList();
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
        Reply why = refusal;
        if (why == null) {
            return Answer.kept(outcomes);
        }
        boolean someKept = outcomes.stream().anyMatch(each -> each.queueId() != null);
        Answer whole = mail.refused(why);
        return someKept ? Answer.later(HttpAnswers.why(why), HttpAnswers.soonSeconds(), outcomes) : whole;
    }

    private void compose(int index) {
        composes = true;
        String queueId = mail.nextQueueId();
        MimeComposer.Identity identity = new MimeComposer.Identity(mail.messageId(queueId), mail.date(), queueId);
        mail.parts()
                .composing()
                .run(
                        mail.parts().intake().loop(),
                        () -> MimeComposer.compose(post, plan.get(index), identity),
                        new Composing.Made<>() {
                            @Override
                            public void made(byte[] content) {
                                composes = false;
                                begin(index, queueId, content);
                            }

                            @Override
                            public void unfit(UnfitRequestException why) {
                                throw new IllegalStateException("planned and yet unfit", why);
                            }

                            @Override
                            public void busy() {
                                composes = false;
                                refusal = Replies.NO_ROOM;
                                goOn();
                            }
                        },
                        onFault);
    }

    private void begin(int index, String queueId, byte[] content) {
        ContentFeed its = mail.open(content.length, this);
        its.offer(Unpooled.wrappedBuffer(content));
        its.complete();
        composed = new Composed(index, queueId, its);
        goOn();
    }

    private void write(Composed its) {
        its.feed().drain();
        Reply refused = its.feed().content().refusal();
        if (refused != null) {
            composed = null;
            refusal = refused;
            its.feed().release();
        } else if (its.feed().isComplete()) {
            composed = null;
            unanswered++;
            hand(its);
        }
    }

    private void hand(Composed its) {
        MailPlan.Mail planned = plan.get(its.index());
        Command.Mail command = new Command.Mail(
                post.addressing().reversePath(), -1, Body.SEVEN_BIT, planned.needsSmtpUtf8(post), null);
        mail.hand(
                new PostedMail.Message(its.queueId(), command, planned.recipients(), post.meta()),
                its.feed().content(),
                outcome -> {
                    unanswered--;
                    if (outcome.refusal() == null) {
                        outcomes.set(its.index(), outcome.mail());
                    } else {
                        refusal = outcome.refusal();
                    }
                    goOn();
                });
    }
}
