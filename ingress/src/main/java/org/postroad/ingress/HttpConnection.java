package org.postroad.ingress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Mechanism.Step.Check;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.RequestHead;
import org.postroad.ingress.http.RequestPatience;
import org.postroad.ingress.http.UnfitRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: takes one request after the other, each only when the one before is answered, and reads nothing while it waits
 * for Kafka. Confined to its channel's event loop.
 *
 * <p>Where a request is answered before its body has come, or nobody can tell where it ends, the connection ends with the answer.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Progress, RequestParts.Taker {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private static final long LOOK_NANOS = 5_000_000_000L;

    private final Channel channel;
    private final HttpParts parts;
    private final HttpAnswering answering;
    private final RequestPatience patience;

    private final RequestParts requests;
    private Admission client;
    private Stage stage = Stage.HEAD;
    private @Nullable RequestHead head;
    private @Nullable Answer early;
    private @Nullable PostedBody body;
    private int request;
    private boolean closing;
    private @Nullable Future<?> look;

    /** What is awaited. */
    private enum Stage {
        HEAD,
        /** Who the client is. */
        LOGIN,
        BODY,
        /** The end of a request that needs no body. */
        END,
        /** Kafka. */
        ANSWER,
        OVER
    }

    HttpConnection(Channel channel, Admission client, HttpParts parts) {
        this.channel = channel;
        this.client = client;
        this.parts = parts;
        this.answering = new HttpAnswering(channel, parts.requests(), client.listener());
        this.patience = new RequestPatience(now());
        this.requests = new RequestParts(channel, this);
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers(() -> stage == Stage.BODY));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Answer refusal = HttpAnswers.of(parts.connections().enter(this, client));
        if (refusal == null) {
            requests.goOn();
        } else {
            answer(refusal);
        }
        lookAgain();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        requests.came(message);
    }

    @Override
    public void take(Object message) {
        try {
            if (message instanceof HttpRequest begun && stage == Stage.HEAD) {
                onHead(new RequestHead(begun));
            } else if (message instanceof HttpContent content && stage == Stage.END) {
                onEnd(content);
            } else if (message instanceof HttpContent content && stage == Stage.BODY) {
                onBody(content);
            }
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    private void onHead(RequestHead begun) {
        head = begun;
        request++;
        Answer refusal = begun.framingFault();
        if (refusal != null) {
            answer(refusal.closing());
            return;
        }
        HttpRequestRules rules = new HttpRequestRules(parts, client);
        Answer known = rules.answerWithoutBody(begun);
        if (known != null) {
            answerEarly(known);
        } else if (rules.wantsLogin(begun)) {
            logIn(begun);
        } else {
            admitted(begun, client);
        }
    }

    /** One that has no body ends here, and the next may follow. */
    private void answerEarly(Answer answer) {
        RequestHead begun = head;
        if (begun != null && begun.contentLength() == 0) {
            early = answer;
            stage = Stage.END;
        } else {
            answer(answer.closing());
        }
    }

    private void onEnd(HttpContent content) {
        Answer answer = early;
        if (content instanceof LastHttpContent && answer != null) {
            early = null;
            answer(answer);
        }
    }

    private void logIn(RequestHead begun) {
        RequestHead.Basic login = begun.login();
        if (login == null) {
            answerEarly(HttpAnswers.LOGIN_NEEDED);
            return;
        }
        await(Stage.LOGIN);
        int its = request;
        parts.logins().check(client, new Check(login.user(), login.password()), verdict -> {
            if (stage != Stage.LOGIN || its != request) {
                return; // the client has gone
            }
            try {
                Answer refusal = HttpRequestRules.of(verdict, parts.metrics());
                if (refusal == null) {
                    admitted(begun, client.loggedIn(login.user()));
                } else {
                    answerEarly(refusal);
                }
            } catch (Throwable bug) {
                fault(bug);
            }
            requests.goOn();
        });
    }

    private void admitted(RequestHead begun, Admission who) {
        int its = request;
        PostedMail mail = new PostedMail(parts, who, begun, this, answer -> {
            if (its == request && stage == Stage.ANSWER) {
                answer(answer);
            }
        });
        Answer refusal = new HttpRequestRules(parts, who).refusal(begun);
        if (refusal != null) {
            answerEarly(refusal);
            return;
        }
        PostedBody wanted;
        try {
            wanted = HttpRequestRules.body(begun, mail);
        } catch (UnfitRequestException e) {
            answerEarly(e.answer());
            return;
        }
        if (wanted.refusal() != null) {
            wanted.release();
            answerEarly(wanted.refusal());
            return;
        }
        body = wanted;
        stage = Stage.BODY;
        patience.awaitBody(now(), begun.leastRate());
        if (begun.awaitsContinue()) {
            answering.goAhead();
        }
    }

    private void onBody(HttpContent content) {
        PostedBody its = body;
        if (its == null) {
            throw new IllegalStateException("octets of a body that nobody wants");
        }
        patience.came(now(), content.content().readableBytes());
        boolean last = content instanceof LastHttpContent;
        if (content.decoderResult().isFailure()) {
            answer(HttpAnswers.BROKEN_BODY);
            return;
        }
        its.take(content.content());
        Answer refusal = its.refusal();
        if (refusal != null) {
            answer(last ? refusal : refusal.closing());
        } else if (last) {
            await(Stage.ANSWER);
            its.end();
        } else {
            patience.waiting(now(), !its.takesMore());
        }
    }

    private void await(Stage next) {
        stage = next;
        patience.waiting(now(), true);
    }

    private void answer(Answer answer) {
        if (stage == Stage.OVER) {
            return;
        }
        RequestHead begun = head;
        boolean last = answer.closes() || closing || begun == null || !begun.keepsAlive();
        boolean bodyless = begun != null && begun.isHead();
        forgetBody();
        head = null;
        stage = Stage.ANSWER;
        patience.awaitHead(now());
        if (last) {
            stage = Stage.OVER;
            answering.say(answer, true, bodyless).addListener(said -> answering.endAfterFarewell());
            requests.goOn();
            return;
        }
        request++;
        int its = request;
        answering.say(answer, false, bodyless).addListener(said -> {
            if (stage == Stage.ANSWER && its == request) {
                if (closing || !said.isSuccess()) {
                    end();
                    return;
                }
                stage = Stage.HEAD;
                patience.awaitHead(now());
                requests.goOn();
            }
        });
    }

    private void forgetBody() {
        PostedBody its = body;
        body = null;
        if (its != null) {
            its.release();
        }
    }

    private void end() {
        stage = Stage.OVER;
        forgetBody();
        var unused = channel.close();
    }

    @Override
    public void noneLeft() {
        if (stage != Stage.OVER) {
            end(); // half a request, which nobody will end
        }
    }

    @Override
    public boolean wantsParts() {
        PostedBody its = body;
        return switch (stage) {
            case HEAD, END, OVER -> true;
            case BODY -> its != null && its.takesMore();
            case LOGIN, ANSWER -> false;
        };
    }

    @Override
    public void goOn() {
        assert channel.eventLoop().inEventLoop();
        PostedBody its = body;
        if (its == null) {
            return;
        }
        try {
            its.goOn();
            Answer refusal = stage == Stage.BODY ? its.refusal() : null;
            if (refusal != null) {
                answer(refusal.closing());
            } else if (stage == Stage.BODY) {
                patience.waiting(now(), !its.takesMore());
            }
            requests.goOn();
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    @Override
    public void fault(Throwable bug) {
        LOG.atError().setCause(bug).log("a request failed; its client hears 503");
        if (stage == Stage.OVER) {
            var unused = channel.close();
        } else {
            answer(HttpAnswers.FAULT);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            if (stage == Stage.OVER) {
                answering.endIfSaid();
            }
            requests.ended();
        } else if (event instanceof SslHandshakeCompletionEvent handshake) {
            onHandshake(ctx, handshake);
        }
    }

    private void onHandshake(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
        TlsFacts facts = TlsFacts.of(ctx, handshake, parts.metrics());
        if (facts == null) {
            end();
        } else {
            client = client.protectedBy(facts);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stage = Stage.OVER;
        forgetBody();
        requests.release();
        parts.connections().leave(this, client);
        if (look != null) {
            look.cancel(false);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            LOG.atDebug().setCause(cause).log("a client went away");
            end();
        } else {
            fault(cause);
        }
    }

    /** The node closes: what Kafka is asked for is answered, nothing else is begun. */
    void shutDown() {
        closing = true;
        if (stage == Stage.BODY || stage == Stage.LOGIN) {
            answer(HttpAnswers.CLOSING);
        } else if (stage == Stage.HEAD || stage == Stage.END) {
            end();
        }
    }

    private void lookAgain() {
        look = channel.eventLoop()
                .schedule(this::onLook, Math.min(LOOK_NANOS, patience.left(now())), TimeUnit.NANOSECONDS);
    }

    private void onLook() {
        if (!channel.isActive()) {
            return;
        }
        boolean slow = body != null && body.isPressed() && patience.isSlow(now());
        if (patience.left(now()) > 0 && !slow) {
            lookAgain();
        } else if (stage == Stage.BODY) {
            answer(slow ? HttpAnswers.NO_ROOM.closing() : HttpAnswers.TOO_SLOW);
        } else {
            end();
        }
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }
}
