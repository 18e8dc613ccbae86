package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;

/** What becomes of the body of one request; confined to its event loop. */
interface PostedBody {
    /** Takes all of these octets, which stay the caller's. */
    void take(ByteBuf octets);

    /** Whether more may come now; when that changes, {@link Progress} says so. */
    boolean takesMore();

    /** Whether others need the memory that it takes. */
    boolean isPressed();

    /** Why no more of it need come, null while there is no reason. */
    @Nullable
    Answer refusal();

    /** All of it has come: the answer follows, exactly once, unless it is released before. */
    void end();

    /** Goes on after {@link Progress} said so. */
    void goOn();

    /** Gives up what is not handed over yet; its client has gone, or has its answer. */
    void release();
}
