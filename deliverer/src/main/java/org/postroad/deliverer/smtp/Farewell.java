package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The last words on a connection that is not needed any more: QUIT, and the exchanger closes (RFC 5321 section 4.1.1.10). */
final class Farewell {
    /** After so long it is closed from here. */
    static final long LIMIT_NANOS = Duration.ofSeconds(1).toNanos();

    private Farewell() {}

    static void say(Channel channel) {
        ByteBuf quit = channel.alloc().buffer(8);
        Commands.quit(quit);
        channel.writeAndFlush(quit).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        Future<?> limit = channel.eventLoop().schedule(() -> channel.close(), LIMIT_NANOS, TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(ended -> limit.cancel(false));
    }
}
