package org.postroad.schemas;

import org.jspecify.annotations.Nullable;

/**
 * The words by which a recipient's last reply tells that an attempt may have arrived: its content was sent whole and no reply came.
 * They stay with the recipient through later attempts, so that the notice at its expiry can say so.
 */
public final class InDoubt {
    /** How the text of such a reply begins. */
    public static final String WORDS = "it may have arrived, no reply came to the end of the content";

    private static final String EARLIER = "it may have arrived before; ";

    private InDoubt() {}

    /** Whether this attempt or one before it may have arrived. */
    public static boolean isSaidIn(@Nullable LastReply reply) {
        return reply != null && (isOf(reply) || reply.getText().startsWith(EARLIER));
    }

    /** Whether the attempt that this reply is of may have arrived. */
    public static boolean isOf(LastReply reply) {
        return reply.getText().startsWith(WORDS);
    }

    /** The reply of a later attempt, with the doubt of those before it. */
    public static LastReply kept(@Nullable LastReply before, LastReply reply) {
        if (!isSaidIn(before) || isSaidIn(reply)) {
            return reply;
        }
        String text = Caps.cut(EARLIER + reply.getText(), Caps.REPLY_TEXT_OCTETS);
        return new LastReply(reply.getCode(), reply.getStatus(), text, reply.getExchanger(), reply.getAt());
    }
}
