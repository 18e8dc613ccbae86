package org.postroad.ingress;

import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Parts of requests as the decoder hands them on: taken one by one as long as they are wanted, and nothing is read from the socket while
 * some wait, which are those that one read has brought. Confined to its channel's event loop.
 */
final class RequestParts {
    private final Channel channel;
    private final Taker taker;
    private final Queue<Object> waiting = new ArrayDeque<>();
    private boolean goesOn;
    private boolean ended;

    /** Who takes them. */
    interface Taker {
        boolean wantsParts();

        /** Throws nothing; the part is released after it. */
        void take(Object part);

        /** One is wanted, and none will come any more. */
        void noneLeft();
    }

    RequestParts(Channel channel, Taker taker) {
        this.channel = channel;
        this.taker = taker;
    }

    void came(Object part) {
        waiting.add(part);
        goOn();
    }

    /** The client has ended its side. */
    void ended() {
        ended = true;
        goOn();
    }

    /** Takes what waits, and reads more when nothing does. */
    void goOn() {
        if (goesOn) {
            return; // whoever takes them goes on
        }
        goesOn = true;
        while (taker.wantsParts() && !waiting.isEmpty()) {
            Object part = waiting.remove();
            taker.take(part);
            ReferenceCountUtil.release(part);
        }
        goesOn = false;
        boolean wants = taker.wantsParts();
        if (ended && wants) {
            taker.noneLeft();
        } else if (!ended && channel.isActive() && channel.config().isAutoRead() != wants) {
            channel.config().setAutoRead(wants);
        }
    }

    void release() {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }
}
