package org.postroad.deliverer.smtp;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.postroad.deliverer.content.MailContent;
import org.postroad.schemas.Reply;

/** Transactions with their replies, for tables of judgement. */
public final class Transactions {
    /** Hears nothing: these have never been on a connection. */
    static final class Nobody implements Transaction.Sender {
        @Override
        public SmtpConnection.Owner owner() {
            throw new IllegalStateException("nobody");
        }

        @Override
        public void dotDue(SmtpConnection connection) {}

        @Override
        public void promoted(SmtpConnection connection) {}

        @Override
        public void ended(SmtpConnection connection, Transaction transaction) {}
    }

    private Transactions() {}

    /**
     * A transaction that got these replies in order; "!" at the end sends the dot once DATA was answered, and whatever
     * has no reply stays unanswered.
     */
    public static Transaction answered(int recipients, String... replies) {
        List<String> names = IntStream.range(0, recipients)
                .mapToObj(i -> "r" + i + "@mx.test")
                .toList();
        ByteBuffer nothing = ByteBuffer.allocate(0);
        MailContent content = new MailContent(nothing, nothing, null, (ref, chunk, loop, receiver) -> {});
        Transaction transaction = new Transaction(new Nobody(), "", names, false, false, content);
        transaction.sent(recipients + 2);
        try {
            for (String reply : replies) {
                if (reply.equals("!")) {
                    transaction.dotSent(Transaction.Dot.SENT);
                } else {
                    transaction.answer(Reply.parse(reply));
                }
            }
        } catch (MalformedReplyException e) {
            throw new IllegalArgumentException(e);
        }
        return transaction;
    }

    /** Its commands went with the dot of a message that was answered then. */
    public static Transaction ridden(Transaction transaction) {
        transaction.rides();
        transaction.ridden();
        return transaction;
    }

    public static Transaction broken(Transaction transaction, Breakdown why) {
        transaction.broken(why);
        return transaction;
    }
}
