package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.BooleanSupplier;

/**
 * How much is read at once from one client: little while commands are awaited, since what a client sent without reading our replies
 * stays in memory, thousands of times perhaps; content as fast as it comes. Confined to its channel's loop.
 */
final class ReceiveBuffers extends AdaptiveRecvByteBufAllocator {
    /** A transaction of some sixty recipients. */
    static final int COMMAND_OCTETS = 4 * 1024;

    private final BooleanSupplier receivingContent;

    ReceiveBuffers(BooleanSupplier receivingContent) {
        this.receivingContent = receivingContent;
    }

    @Override
    @SuppressWarnings("deprecation") // of the return type, which Netty's own classes have too
    public Handle newHandle() {
        return new NarrowHandle((ExtendedHandle) super.newHandle());
    }

    private final class NarrowHandle extends RecvByteBufAllocator.DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle adaptive;

        NarrowHandle(ExtendedHandle adaptive) {
            super(adaptive);
            this.adaptive = adaptive;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return receivingContent.getAsBoolean() ? adaptive.allocate(allocator) : allocator.ioBuffer(guess());
        }

        @Override
        public int guess() {
            int guess = adaptive.guess();
            return receivingContent.getAsBoolean() ? guess : Math.min(guess, COMMAND_OCTETS);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return adaptive.continueReading(maybeMore);
        }
    }
}
