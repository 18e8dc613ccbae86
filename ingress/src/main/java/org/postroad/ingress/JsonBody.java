package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.MailPlan;
import org.postroad.ingress.http.Post;
import org.postroad.ingress.http.PostReader;
import org.postroad.ingress.http.UnfitRequestException;
import org.postroad.ingress.quota.Refusal;

/**
 * Mail that is described in JSON: all of the text is gathered, read, planned, and then one mail after the other composed and handed
 * over. Confined to its event loop but for what {@link Composing} does.
 */
final class JsonBody implements PostedBody {
    /** Of a request; larger mail is posted as it is. */
    static final int MOST_OCTETS = 10 * 1024 * 1024;

    /** However much is announced: memory is given to what comes. */
    private static final int FIRST_OCTETS = 4 * 1024;

    /** What is held for one octet of the request: itself, twice while it grows, and what is read of it. */
    private static final int HELD_PER_OCTET = 3;

    private static final byte[] NOTHING = {};

    private final PostedMail mail;
    private final JsonMemory memory;
    private byte[] octets;
    private int length;
    private long held;
    private boolean released;
    private boolean over;
    private @Nullable Answer refusal;

    /** @param declaredSize octets of the body, or -1 */
    JsonBody(PostedMail mail, long declaredSize) {
        this.mail = mail;
        this.memory = mail.parts().composing().memory();
        this.octets = NOTHING;
        hold((int) Math.min(FIRST_OCTETS, declaredSize < 0 ? FIRST_OCTETS : declaredSize));
    }

    private void hold(int size) {
        long more = (long) (size - octets.length) * HELD_PER_OCTET;
        if (memory.take(more)) {
            held += more;
            octets = Arrays.copyOf(octets, size);
        } else {
            refusal = HttpAnswers.NO_ROOM;
        }
    }

    @Override
    public void take(ByteBuf in) {
        int n = in.readableBytes();
        if (length + n > MOST_OCTETS) {
            refusal = HttpAnswers.tooLarge(MOST_OCTETS);
        } else if (length + n > octets.length) {
            hold(Math.min(MOST_OCTETS, Math.max(length + n, 2 * octets.length)));
        }
        if (refusal == null) {
            in.readBytes(octets, length, n);
            length += n;
        }
    }

    @Override
    public boolean takesMore() {
        return true;
    }

    @Override
    public boolean isPressed() {
        return memory.isPressed();
    }

    @Override
    public @Nullable Answer refusal() {
        return refusal;
    }

    @Override
    public void end() {
        long most = mail.maxMessageSize();
        byte[] text = octets;
        int itsLength = length;
        over = true;
        mail.parts()
                .composing()
                .run(
                        mail.parts().intake().loop(),
                        () -> {
                            Post post = PostReader.read(text, itsLength);
                            mail.posted(ByteBuffer.wrap(text, 0, itsLength));
                            return new Planned(post, fitting(MailPlan.of(post, most)));
                        },
                        new Composing.Made<>() {
                            @Override
                            public void made(Planned planned) {
                                start(planned);
                            }

                            @Override
                            public void unfit(UnfitRequestException why) {
                                answer(why.answer());
                            }

                            @Override
                            public void busy() {
                                answer(HttpAnswers.NO_ROOM);
                            }
                        },
                        this::fault);
    }

    /** A mail that no memory would ever be free for must not be tried again and again. */
    private List<MailPlan.Mail> fitting(List<MailPlan.Mail> mails) throws UnfitRequestException {
        for (MailPlan.Mail each : mails) {
            if (PostedMails.heldFor(each) > memory.mostOfOneMail()) {
                throw new UnfitRequestException(413, null, "one of its mails is too large to be composed");
            }
        }
        return mails;
    }

    /** What is to be sent. */
    private record Planned(Post post, List<MailPlan.Mail> mails) {}

    private void start(Planned planned) {
        octets = NOTHING;
        give(held / HELD_PER_OCTET); // what was read of it stays
        if (!mail.maySendAs(planned.post().addressing().from().mailbox().toString())) {
            answer(mail.refused(Refusal.of(Replies.SENDER_NOT_YOURS), List.of()));
            return;
        }
        mail.claim(planned.mails().size(), claim -> {
            PostedMails mails =
                    new PostedMails(mail, planned.post(), planned.mails(), claim.queueId(), this::answer, this::fault);
            switch (claim.verdict()) {
                case WRITE -> mails.write(() -> mail.kept(claim));
                case KEPT -> answer(mails.kept());
                case ANOTHER, NO_ROOM, UNANSWERED -> answer(HttpAnswers.of(claim.verdict()));
            }
        });
    }

    private void answer(Answer answer) {
        giveBack();
        if (!released) {
            mail.answer(answer);
        }
    }

    private void giveBack() {
        give(held);
        octets = NOTHING;
    }

    private void give(long some) {
        memory.give(some);
        held -= some;
    }

    private void fault(Throwable bug) {
        giveBack();
        mail.progress().fault(bug);
    }

    @Override
    public void goOn() {
        // What is composed hears for itself, also when the connection is gone.
    }

    /** What is begun goes on: its memory is given back when it is over. */
    @Override
    public void release() {
        released = true;
        if (!over) {
            giveBack();
        }
    }
}
