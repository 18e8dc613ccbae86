package org.postroad.ingress.hook;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A hook by HTTP, as one event loop asks it: over few connections, which are used again. Confined to the loop. */
final class HttpHook implements AskedHook.Opening {
    /** Of one loop; what comes beyond waits, within its time limit. */
    static final int MOST_CONNECTIONS = 32;

    static final int ANSWER_OCTETS = 64 * 1024;

    /** What stood between may have forgotten a connection that was idle for longer. */
    static final long MOST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final HookAddress address;
    private final Hook hook;
    private final Dialer dialer;
    private final Deque<HttpConnection> idle = new ArrayDeque<>();
    private final Deque<HttpInquiry> waiting = new ArrayDeque<>();
    private int open;

    HttpHook(Hook hook, HookAddress address, Dialer dialer) {
        this.hook = hook;
        this.address = address;
        this.dialer = dialer;
    }

    @Override
    public boolean changesHeaders() {
        return false;
    }

    @Override
    public Inquiry open(AskedMail mail, Inspection.Memory memory, Runnable goOn) {
        return new HttpInquiry(this, mail, address, hook.timeout(), dialer.loop());
    }

    /** Sends the question as soon as there is a connection. */
    void ask(HttpInquiry inquiry) {
        long now = now();
        for (HttpConnection first = idle.peek(); first != null && first.isStale(now); first = idle.peek()) {
            idle.remove();
            first.close();
        }
        HttpConnection connection = idle.pollLast();
        if (connection != null) {
            connection.ask(inquiry);
        } else {
            askAnew(inquiry);
        }
    }

    /** Likewise, over a connection that nobody used before. */
    void askAnew(HttpInquiry inquiry) {
        if (open == MOST_CONNECTIONS) {
            waiting.add(inquiry);
            return;
        }
        open++;
        HttpConnection connection = new HttpConnection(this);
        ChannelInitializer<Channel> pipeline = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpClientCodec(), new HttpObjectAggregator(ANSWER_OCTETS), connection);
            }
        };
        dialer.dial(address, hook.timeout(), pipeline, new Dialer.Dialed() {
            @Override
            public void opened(Channel channel) {
                if (inquiry.isOver()) {
                    free(connection);
                } else {
                    connection.ask(inquiry);
                }
            }

            @Override
            public void failed(String why) {
                inquiry.failed("no connection: " + why);
                closed(connection);
            }
        });
    }

    /** Nobody wants it to be asked any more. */
    void forget(HttpInquiry inquiry) {
        waiting.remove(inquiry);
    }

    /** A question was not answered in time: connections that nobody uses may lead to where nobody answers. */
    void timedOut() {
        List.copyOf(idle).forEach(HttpConnection::close);
        idle.clear();
    }

    /** The connection may be used again. */
    void free(HttpConnection connection) {
        if (connection.isOver()) {
            return;
        }
        HttpInquiry next = waiting.poll();
        if (next == null) {
            connection.rest(now());
            idle.add(connection);
        } else {
            connection.ask(next);
        }
    }

    private long now() {
        return dialer.loop().ticker().nanoTime();
    }

    /** The connection is gone. */
    void closed(HttpConnection connection) {
        open--;
        idle.remove(connection);
        HttpInquiry next = waiting.poll();
        if (next != null) {
            askAnew(next);
        }
    }
}
