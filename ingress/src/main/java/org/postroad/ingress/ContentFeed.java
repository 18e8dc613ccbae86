package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Octets on their way into one message's content, which takes them as there is room. Confined to its event loop. */
final class ContentFeed {
    private final AllOfIt whole;
    private final IncomingContent content;
    private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
    private boolean complete;
    private boolean released;

    ContentFeed(Intake intake, Transaction transaction, Progress progress, Supplier<String> queueId) {
        this.whole = new AllOfIt();
        this.content = intake.open(transaction, whole, progress, queueId);
    }

    IncomingContent content() {
        return content;
    }

    /** Takes them over. */
    void offer(ByteBuf octets) {
        waiting.add(octets);
    }

    /** Nothing more will be offered. */
    void complete() {
        complete = true;
    }

    /** Goes on. */
    void drain() {
        while (!waiting.isEmpty() && (content.takesMore() || content.refusal() != null)) {
            ByteBuf first = waiting.element();
            if (content.refusal() == null) {
                content.take(first);
            }
            if (content.refusal() != null || !first.isReadable()) {
                waiting.remove().release();
            }
        }
        if (complete && waiting.isEmpty() && !whole.ended() && !released) {
            whole.end();
            content.take(Unpooled.EMPTY_BUFFER);
        }
    }

    /** Whether what was offered is taken, so that more may be. */
    boolean takesMore() {
        return waiting.isEmpty() && content.takesMore();
    }

    /** Whether all of it is taken, and there will be no more. */
    boolean isComplete() {
        return whole.ended();
    }

    /** Gives up what was not taken. */
    void release() {
        released = true;
        while (!waiting.isEmpty()) {
            waiting.remove().release();
        }
        content.release();
    }
}
