package org.postroad.ingress.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.idempotency.Claim.Verdict;
import org.postroad.ingress.quota.ClaimLog;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.PostedRequest;

/** Claims of one event loop, with a log that says what the test says, while time stands still. */
class LoopRequestsTest {
    private static final Fingerprint KEY = Fingerprint.ofKey("", "1");
    private static final Fingerprint CONTENT = new Fingerprint(1, 2);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Codec<PostedRequest> codec = new Codec<>(PostedRequest.class, new KnownSchemas());
    private final KnownRequests known = new KnownRequests();
    private final Scripted log = new Scripted();
    private final List<Claim> heard = new ArrayList<>();
    private final LoopRequests requests = new LoopRequests("here", 0, known, codec, channel.eventLoop(), log);

    /** Keeps what is appended. */
    private static final class Scripted implements ClaimLog {
        private final List<byte[]> entries = new ArrayList<>();
        private final List<Consumer<Boolean>> answers = new ArrayList<>();
        private boolean unwell;

        @Override
        public void append(byte[] entry, Consumer<Boolean> kept) {
            entries.add(entry);
            answers.add(kept);
        }

        @Override
        public boolean isUnwell() {
            return unwell;
        }
    }

    @BeforeEach
    void freeze() {
        channel.freezeTime();
    }

    private void claim(String queueId) {
        requests.claim(KEY, CONTENT, queueId, heard::add);
    }

    private void readBack(int entry) throws Exception {
        PostedRequest read = codec.decode(log.entries.get(entry));
        requests.judged(read.getId(), known.take(read, 1_000));
    }

    @Test
    void theAnswerComesWhenTheClaimIsReadBack() throws Exception {
        claim("A");
        assertThat(heard).isEmpty();
        log.answers.get(0).accept(true);
        assertThat(heard).isEmpty();
        readBack(0);
        assertThat(heard).containsExactly(new Claim(Verdict.WRITE, "A"));
        requests.kept(KEY, CONTENT, "A");
        claim("B");
        assertThat(heard).endsWith(new Claim(Verdict.KEPT, "A"));
        assertThat(log.entries).hasSize(2);
    }

    @Test
    void ofTwoAtOnceTheFirstInTheLogGivesTheName() throws Exception {
        claim("A");
        claim("B");
        readBack(1);
        readBack(0);
        assertThat(heard).containsExactly(new Claim(Verdict.WRITE, "B"), new Claim(Verdict.WRITE, "B"));
    }

    @Test
    void nobodyWaitsForEver() throws Exception {
        claim("A");
        channel.advanceTimeBy(LoopRequests.PATIENCE_SECONDS, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(heard).containsExactly(Claim.UNANSWERED);
        readBack(0);
        assertThat(heard).hasSize(1);
        claim("B");
        assertThat(heard).endsWith(new Claim(Verdict.WRITE, "A"));
    }

    @Test
    void whatCannotBeAppendedIsAnsweredAtOnce() {
        claim("A");
        log.answers.get(0).accept(false);
        assertThat(heard).containsExactly(Claim.UNANSWERED);
        log.unwell = true;
        claim("B");
        assertThat(heard).containsExactly(Claim.UNANSWERED, Claim.UNANSWERED);
        assertThat(log.entries).hasSize(1);
    }
}
