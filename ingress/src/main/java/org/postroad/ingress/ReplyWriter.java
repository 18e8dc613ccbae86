package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Reply;

/** Sends replies, all that were said at once, and ends the connection after the last. */
final class ReplyWriter {
    private static final int USUAL_OCTETS = 256;
    private static final int FAREWELL_SECONDS = 10;

    private final Channel channel;
    private final Queue<Reply> said = new ArrayDeque<>();
    private ChannelFuture lastSent;
    private boolean ending;

    ReplyWriter(Channel channel) {
        this.channel = channel;
        this.lastSent = channel.newSucceededFuture();
    }

    /** It is sent with the next {@link #send}. */
    void say(Reply reply) {
        said.add(reply);
    }

    /** Replies that are not sent yet. */
    int unsent() {
        return said.size();
    }

    void send() {
        if (!said.isEmpty()) {
            ByteBuf octets = channel.alloc().buffer(USUAL_OCTETS);
            for (Reply reply = said.poll(); reply != null; reply = said.poll()) {
                write(octets, reply);
            }
            // Assigned before the flush, whose writability events may send more.
            lastSent = channel.write(octets);
            channel.flush();
        }
    }

    /** Sends what is left to say and ends the connection once that is on its way. */
    void endAfterLast() {
        if (ending) {
            return;
        }
        ending = true;
        send();
        lastSent.addListener(ChannelFutureListener.CLOSE);
        if (!lastSent.isDone()) {
            // A client that reads nothing does not keep its connection for it.
            var unused = channel.eventLoop().schedule((Runnable) channel::close, FAREWELL_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** RFC 5321 section 4.2.1, the status on every line (RFC 2034 section 3). */
    static void write(ByteBuf out, Reply reply) {
        List<String> lines = reply.lines();
        EnhancedStatus status = reply.status();
        for (int i = 0; i < lines.size(); i++) {
            ByteBufUtil.writeAscii(out, Integer.toString(reply.code()));
            out.writeByte(i + 1 < lines.size() ? '-' : ' ');
            if (status != null) {
                ByteBufUtil.writeAscii(out, status.toString());
                out.writeByte(' ');
            }
            ByteBufUtil.writeAscii(out, lines.get(i));
            out.writeByte('\r').writeByte('\n');
        }
    }
}
