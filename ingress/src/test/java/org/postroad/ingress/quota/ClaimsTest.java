package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;

/** Claims of a loop against a log that keeps and is read when the test says so, with time standing still. */
class ClaimsTest {
    private static final long NOON = 1_700_000_000_000L;
    private static final long FIRST = 1L << 48;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Codec<QuotaEntry> codec = new Codec<>(QuotaEntry.class, new KnownSchemas());
    private final UsedQuotas used = new UsedQuotas();
    private final List<QuotaEntry> sent = new ArrayList<>();
    private final List<Consumer<Boolean>> acknowledge = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private boolean unwell;
    private boolean broken;
    private final Claims claims;

    ClaimsTest() {
        channel.freezeTime();
        claims = new Claims("n", FIRST, codec, channel.eventLoop(), new ClaimLog() {
            @Override
            public void append(byte[] entry, Consumer<Boolean> kept) {
                if (broken) {
                    throw new IllegalStateException("a log that cannot be written to");
                }
                sent.add(decode(entry));
                acknowledge.add(kept);
            }

            @Override
            public boolean isUnwell() {
                return unwell;
            }
        });
    }

    @Test
    void whatComesWhileARecordIsOnItsWayGathersForTheNext() {
        claim("a", "b", "c");
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).getClaims()).hasSize(1);
        kept(0, true);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(1).getClaims()).hasSize(2);
        assertThat(heard).as("nobody is answered before the log was read").isEmpty();
        read(0);
        read(1);
        assertThat(heard).containsExactly("a GRANTED", "b GRANTED", "c EXHAUSTED");
    }

    @Test
    void aRecordThatIsReadBeforeItIsAcknowledgedIsAnsweredAtOnce() {
        claim("a");
        read(0);
        assertThat(heard).containsExactly("a GRANTED");
        kept(0, true);
        wait(60);
        assertThat(heard).hasSize(1);
        assertThat(sent).hasSize(1);
    }

    @Test
    void whatWasNotKeptIsUnansweredAndGivenBackShouldItBeThereAfterAll() {
        claim("a", "b");
        kept(0, false);
        assertThat(heard).containsExactly("a null");
        assertThat(sent).hasSize(2);
        read(0);
        assertThat(sent).hasSize(3);
        assertThat(sent.get(2).getReturned()).containsExactly(new QuotaCount("user", 3_600, NOON, 1L));
        read(1);
        read(2);
        claim("c");
        kept(1, true);
        read(3);
        assertThat(heard).containsExactly("a null", "b GRANTED", "c GRANTED");
    }

    @Test
    void whoeverWaitedTooLongIsUnansweredAndWhatComesThenIsGivenBackTogether() {
        claim("a", "b", "c");
        kept(0, true);
        wait(9);
        assertThat(claims.isUnwell()).isTrue();
        wait(1);
        assertThat(heard).containsExactly("a null", "b null", "c null");
        assertThat(claims.isUnwell()).isFalse();
        read(0);
        read(1); // of which one is granted too, and one refused
        assertThat(sent.get(2).getReturned()).containsExactly(new QuotaCount("user", 3_600, NOON, 1L));
        assertThat(sent.get(3).getReturned()).containsExactly(new QuotaCount("user", 3_600, NOON, 1L));
        assertThat(sent).hasSize(4);
    }

    @Test
    void whatWaitedTooLongToBeSentIsNotSent() {
        claim("a", "b");
        wait(10);
        kept(0, true);
        assertThat(sent).hasSize(1);
        claim("c");
        assertThat(sent).hasSize(2);
    }

    @Test
    void anUnforeseenExceptionAnswersTheClaimOnceAndStopsNoOther() {
        broken = true;
        claim("a");
        assertThat(heard).as("never before the claim returns").isEmpty();
        channel.runPendingTasks();
        assertThat(heard).containsExactly("a null");
        broken = false;
        claim("b");
        read(0);
        wait(60);
        assertThat(heard).containsExactly("a null", "b GRANTED");
    }

    @Test
    void aLogThatIsUnwellMakesClaimsUnwell() {
        assertThat(claims.isUnwell()).isFalse();
        unwell = true;
        assertThat(claims.isUnwell()).isTrue();
    }

    @Test
    void manyClaimsGoInRecordsOfABoundedSize() {
        QuotaUse use = new QuotaUse("user mails/h " + "x".repeat(255), 3_600, 1_000_000L, 1L);
        for (int i = 0; i < 5_000; i++) {
            claims.claim(List.of(use), judged -> heard.add("it"));
        }
        for (int i = 0; i < sent.size(); i++) {
            kept(i, true);
            read(i);
        }
        assertThat(heard).hasSize(5_000);
        assertThat(sent).hasSizeGreaterThan(20).allSatisfy(entry -> assertThat(codec.encode(entry).length)
                .isLessThan(200_000));
    }

    private void claim(String... names) {
        QuotaUse use = new QuotaUse("user", 3_600, 2L, 1L);
        for (String name : names) {
            claims.claim(List.of(use), judged -> heard.add(name + " " + (judged == null ? null : judged.verdict())));
        }
    }

    private void kept(int record, boolean kept) {
        acknowledge.get(record).accept(kept);
    }

    private void read(int record) {
        List<Judged> judged = used.apply(sent.get(record), NOON);
        if (!judged.isEmpty()) {
            claims.judged(judged);
        }
    }

    private void wait(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    private QuotaEntry decode(byte[] entry) {
        try {
            return codec.decode(entry);
        } catch (Exception e) {
            throw new AssertionError("an entry nobody can read", e);
        }
    }
}
