package org.postroad.ingress.hook;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One hook's look at one message. Confined to its session's loop; nobody is called back before the call that leads to it has returned.
 */
interface Inquiry {

    /** The header section is complete. */
    void onHeader(HeaderFields header);

    /** More of what follows the header section has come; the octets are copied if they are needed later. */
    void onText(byte[] octets, int from, int to);

    /** The client has sent all of the content; {@link #conclude} follows, unless the message is refused for something else. */
    void onArrived();

    /** Whether content has to wait. */
    boolean isBusy();

    /** What it has come to before the content was complete, null while it has not. */
    @Nullable
    Outcome early();

    /**
     * The content is complete.
     *
     * @param header as the hooks before left it
     * @param size octets of the content as its client sent it
     * @param then hears what it has come to; once, and not after {@link #abandon}
     */
    void conclude(HeaderFields header, long size, Consumer<Outcome> then);

    /** Nobody wants to know any more. */
    void abandon();

    /**
     * What it has come to.
     *
     * @param answer null where there is none that can be used
     * @param failure why, else empty
     * @param defers whether the message is not taken for this failure, whatever is configured: by its sender's doing, all could be
     */
    record Outcome(@Nullable HookAnswer answer, String failure, boolean defers) {
        static Outcome of(HookAnswer answer) {
            return new Outcome(answer, "", false);
        }

        static Outcome failed(String why) {
            return new Outcome(null, why, false);
        }

        /** A failure that a message can bring about. */
        static Outcome deferred(String why) {
            return new Outcome(null, why + "; such a message is deferred", true);
        }
    }
}
