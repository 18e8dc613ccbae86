package org.postroad.ingress.hook;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One question by HTTP, asked when the content is complete. Confined to its loop. */
final class HttpInquiry implements Inquiry {
    private static final int OK = 200;

    private final HttpHook hook;
    private final AskedMail mail;
    private final HookAddress address;
    private final Duration timeout;
    private final EventLoop loop;
    private @Nullable HeaderFields header;
    private long size;
    private @Nullable Consumer<Outcome> then;
    private @Nullable HttpConnection connection;
    private @Nullable Future<?> limit;
    private boolean sentAgain;

    HttpInquiry(HttpHook hook, AskedMail mail, HookAddress address, Duration timeout, EventLoop loop) {
        this.hook = hook;
        this.mail = mail;
        this.address = address;
        this.timeout = timeout;
        this.loop = loop;
    }

    @Override
    public void onHeader(HeaderFields header) {}

    @Override
    public void onText(byte[] octets, int from, int to) {}

    @Override
    public void onArrived() {}

    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public @Nullable Outcome early() {
        return null;
    }

    @Override
    public void conclude(HeaderFields itsHeader, long itsSize, Consumer<Outcome> listener) {
        then = listener;
        header = itsHeader;
        size = itsSize;
        limit = loop.schedule(this::onLimit, timeout.toNanos(), TimeUnit.NANOSECONDS);
        hook.ask(this);
    }

    private void onLimit() {
        HttpConnection asked = connection;
        failed("no answer within " + timeout.toMillis() + " ms");
        hook.forget(this);
        hook.timedOut();
        if (asked != null) {
            asked.abandon();
        }
    }

    HookAddress address() {
        return address;
    }

    /** Built only when it can be sent: in JSON, some octets of a header section become six. */
    byte[] question() {
        return HttpQuestion.of(mail, header == null ? "" : header.text(), size);
    }

    void isAskedOver(HttpConnection its) {
        connection = its;
    }

    boolean isOver() {
        return then == null;
    }

    /** Whether it may be sent once more, after a connection that was in use has ended. */
    boolean maySendAgain() {
        boolean may = !sentAgain && !isOver();
        sentAgain = true;
        return may;
    }

    void answered(int status, byte[] octets) {
        Outcome outcome;
        if (status != OK) {
            outcome = Outcome.failed("it answers with status " + status);
        } else {
            try {
                outcome = Outcome.of(HttpAnswer.parse(octets));
            } catch (IllegalArgumentException e) {
                outcome = Outcome.failed("its answer has " + e.getMessage());
            }
        }
        settle(outcome);
    }

    void failed(String why) {
        settle(Outcome.failed(why));
    }

    private void settle(Outcome outcome) {
        Consumer<Outcome> listener = then;
        end();
        if (listener != null) {
            loop.execute(() -> listener.accept(outcome));
        }
    }

    private void end() {
        then = null;
        connection = null;
        header = null;
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }

    @Override
    public void abandon() {
        HttpConnection asked = connection;
        boolean wasAsked = then != null;
        end();
        if (wasAsked) {
            hook.forget(this);
            if (asked != null) {
                asked.abandon();
            }
        }
    }
}
