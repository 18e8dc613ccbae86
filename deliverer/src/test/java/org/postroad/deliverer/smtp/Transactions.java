package org.postroad.deliverer.smtp;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.postroad.schemas.Reply;

/** Transactions with their replies, for tables of judgement. */
public final class Transactions {
    private static final Transaction.Sender NOBODY = new Transaction.Sender() {
        @Override
        public void ended(SmtpConnection connection, Transaction transaction) {}

        @Override
        public boolean isWanted() {
            return true;
        }
    };

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
        Transaction transaction = new Transaction(NOBODY, "", names, false, false, content);
        transaction.sent(recipients + 2);
        try {
            for (String reply : replies) {
                if (reply.equals("!")) {
                    transaction.dotSent(false);
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
        transaction.rides(true);
        transaction.rides(false);
        return transaction;
    }

    public static Transaction broken(Transaction transaction, Breakdown why) {
        transaction.broken(why);
        return transaction;
    }
}
