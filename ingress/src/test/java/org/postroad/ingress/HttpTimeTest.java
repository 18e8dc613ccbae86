package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.Test;

/** How one connection of HTTP goes on in time. */
class HttpTimeTest extends ServedHttp {
    private static final String HEAD =
            "POST /v1/messages?from=a@x.example&to=b@y.example HTTP/1.1\r\nHost: h\r\nContent-Type: message/rfc822\r\n";
    private static final String WHOLE = HEAD + "Content-Length: 12\r\n\r\nA: b\r\n\r\nhi\r\n";

    @Test
    void theAnswerComesWhenKafkaHasTheMailAndNotBefore() {
        assertThat(say(WHOLE)).isEmpty();
        assertThat(wait(5)).isEmpty();
        assertThat(kafka.history()).hasSize(1);
        assertThat(kafka.completeNext()).isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 202 Accepted\r\n");
        assertThat(say(WHOLE)).isEmpty();
        assertThat(kafka.completeNext()).isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 202 Accepted\r\n");
    }

    @Test
    void whatKafkaDoesNotKeepIsForLater() {
        say(WHOLE);
        assertThat(kafka.errorNext(new org.apache.kafka.common.errors.TimeoutException("gone")))
                .isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        assertThat(say(WHOLE)).as("an unwell Kafka is not asked again at once").startsWith("HTTP/1.1 503 ");
    }

    @Test
    void aKafkaThatNeverAnswersHangsNobody() {
        say(WHOLE);
        assertThat(wait(31)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
    }

    @Test
    void aKeyThatNobodyAnswersForIsForLater() {
        assertThat(say(WHOLE.replace("Content-Length", "Idempotency-Key: k\r\nContent-Length")))
                .isEmpty();
        assertThat(kafka.history()).singleElement().satisfies(claim -> assertThat(claim.topic())
                .isEqualTo("requests"));
        assertThat(kafka.completeNext()).isTrue();
        assertThat(wait(9)).as("it is in the log, and was not read back").isEmpty();
        assertThat(wait(2)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        assertThat(kafka.history()).as("no mail without a name").hasSize(1);
        assertThat(budget.held()).isZero();
    }

    @Test
    void aClientThatGoesWhileItsKeyIsAskedForLeavesNothingBehind() {
        say(WHOLE.replace("Content-Length", "Idempotency-Key: k\r\nContent-Length"));
        channel.close();
        assertThat(kafka.errorNext(new org.apache.kafka.common.errors.TimeoutException("gone")))
                .isTrue();
        assertThat(heard()).isEmpty();
        assertThat(budget.held()).isZero();
    }

    @Test
    void whatComesBehindIsTakenWhenTheFirstIsAnswered() {
        assertThat(say(WHOLE + WHOLE)).isEmpty();
        assertThat(kafka.history()).hasSize(1);
        assertThat(channel.config().isAutoRead()).isFalse();
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ");
        assertThat(kafka.history()).hasSize(2);
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aHeadThatDripsEndsWithoutAWord() {
        for (int i = 0; i < 50; i++) {
            say("P");
            assertThat(wait(1)).isEmpty();
        }
        assertThat(wait(20)).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aBodyThatDripsIsTooSlow() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        for (int i = 0; i < 50; i++) {
            assertThat(say("b")).isEmpty();
            wait(1);
        }
        assertThat(wait(20)).startsWith("HTTP/1.1 408 ").contains("connection: close\r\n");
        assertThat(wait(3)).isEmpty();
        assertThat(channel.isOpen()).isFalse();
        assertThat(kafka.history()).isEmpty();
    }

    @Test
    void whereMemoryIsShortABodyIsForLater() {
        budget.take(3 * BUDGET);
        assertThat(say(WHOLE)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        budget.give(3 * BUDGET);
    }

    @Test
    void slowBodiesGiveTheirMemoryToOthers() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        budget.take(3 * BUDGET - 10_000);
        assertThat(wait(12)).startsWith("HTTP/1.1 503 ");
        budget.give(3 * BUDGET - 10_000);
    }

    @Test
    void aLastAnswerThatNobodyReadsIsNotWaitedForForEver() {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message); // the client's window is full
            }
        });
        say("PUT / HTTP/2.0\r\n\r\n");
        wait(58);
        assertThat(channel.isOpen()).isTrue();
        wait(10);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aNodeThatClosesAnswersForWhatItHolds() {
        say(WHOLE);
        loops.get(0).close();
        assertThat(channel.isOpen()).isTrue();
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ").contains("connection: close\r\n");
        wait(3);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aNodeThatClosesTakesNoMore() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        loops.get(0).close();
        assertThat(heard()).startsWith("HTTP/1.1 503 ").contains("connection: close\r\n");
    }

    @Test
    void aClientThatGoesWhileKafkaIsAskedLeavesNothingBehind() {
        say(WHOLE);
        channel.close();
        kafka.completeNext();
        assertThat(heard()).isEmpty();
        assertThat(registry.getSampleValue("postroad_ingress_sessions")).isZero();
    }
}
