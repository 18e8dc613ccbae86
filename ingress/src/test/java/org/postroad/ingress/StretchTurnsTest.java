package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StretchTurnsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StretchTurns turns = new StretchTurns(2, channel.eventLoop());
    private final List<String> heard = new ArrayList<>();
    private final StretchTurns.Gatherer a = gatherer("a");
    private final StretchTurns.Gatherer b = gatherer("b");
    private final StretchTurns.Gatherer c = gatherer("c");
    private final StretchTurns.Gatherer d = gatherer("d");

    @BeforeEach
    void freeze() {
        channel.freezeTime();
    }

    @Test
    void whoeverWaitedLongestIsNextAndIsToldInATaskOfItsOwn() {
        assertThat(turns.take(a) && turns.take(b)).isTrue();
        assertThat(turns.take(c) || turns.take(d)).isFalse();
        assertThat(turns.take(a)).as("it has it already").isTrue();
        turns.end(b);
        assertThat(heard).isEmpty();
        channel.runPendingTasks();
        assertThat(heard).containsExactly("c came");
        assertThat(turns.has(c)).isTrue();
        assertThat(turns.isAwaitedBy(d)).isTrue();
    }

    @Test
    void aSlowOneKeepsItsTurnOnlyWhileNobodyWaits() {
        assertThat(turns.take(a) && turns.take(b)).isTrue();
        wait(10_000);
        assertThat(heard).isEmpty();
        assertThat(turns.take(c)).isFalse();
        wait(200);
        assertThat(heard).containsExactly("a over", "c came");
        assertThat(turns.has(b)).as("one was enough").isTrue();
    }

    @Test
    void whoIsGoneIsNeverToldAndItsTurnIsAnothers() {
        assertThat(turns.take(a) && turns.take(b)).isTrue();
        assertThat(turns.take(c) || turns.take(d)).isFalse();
        turns.end(c);
        turns.end(a);
        turns.end(d); // it had it, and was not told yet
        channel.runPendingTasks();
        assertThat(heard).isEmpty();
        assertThat(turns.take(c)).isTrue();
    }

    private void wait(int millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    private StretchTurns.Gatherer gatherer(String name) {
        return new StretchTurns.Gatherer() {
            @Override
            public void turnCame() {
                heard.add(name + " came");
            }

            @Override
            public void turnOver() {
                heard.add(name + " over");
                turns.end(this);
            }
        };
    }
}
