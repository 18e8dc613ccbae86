package org.postroad.ingress.idempotency;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.ClaimLog;
import org.postroad.schemas.Codec;
import org.postroad.schemas.PostedRequest;

/**
 * The requests of one event loop that have keys, from their claim to the answer that the log gives when it is read back. Confined to its
 * loop.
 */
public final class LoopRequests {
    /** As of quotas. */
    static final long PATIENCE_SECONDS = 10;

    private final String node;
    private final KnownRequests known;
    private final Codec<PostedRequest> codec;
    private final EventExecutor loop;
    private final ClaimLog log;
    private final Map<Long, Pending> pending = new HashMap<>();
    private long nextId;

    private record Pending(Fingerprint content, Consumer<Claim> then, Future<?> givingUp) {}

    LoopRequests(
            String node,
            long firstId,
            KnownRequests known,
            Codec<PostedRequest> codec,
            EventExecutor loop,
            ClaimLog log) {
        this.node = node;
        this.nextId = firstId;
        this.known = known;
        this.codec = codec;
        this.loop = loop;
        this.log = log;
    }

    /** Whether a request with this key was here within a day, and Kafka has all of its mail. */
    public boolean isKept(Fingerprint key) {
        KnownRequests.Known first = known.of(key);
        return first != null && first.isKept();
    }

    /**
     * Claims a key.
     *
     * @param content what is posted
     * @param queueId of its first mail, if it is the first
     * @param then hears exactly once what became of it
     */
    public void claim(Fingerprint key, Fingerprint content, String queueId, Consumer<Claim> then) {
        KnownRequests.Known first = known.of(key);
        if (first != null) {
            then.accept(Claim.of(first, content));
        } else if (known.isFull()) {
            then.accept(Claim.NO_ROOM);
        } else if (log.isUnwell()) {
            then.accept(Claim.UNANSWERED);
        } else {
            long id = nextId++;
            Future<?> givingUp = loop.schedule(() -> answer(id, Claim.UNANSWERED), PATIENCE_SECONDS, TimeUnit.SECONDS);
            pending.put(id, new Pending(content, then, givingUp));
            log.append(encoded(id, key, content, queueId, false), appended -> {
                if (!appended) {
                    answer(id, Claim.UNANSWERED); // it may be in the log all the same: the client's next try finds it
                    // there
                }
            });
        }
    }

    /** Kafka has all mail of a request. Unless this is kept too, a repetition writes it again, and the router takes it once. */
    public void kept(Fingerprint key, Fingerprint content, String queueId) {
        known.markKept(key, queueId);
        log.append(encoded(nextId++, key, content, queueId, true), appended -> {});
    }

    private byte[] encoded(long id, Fingerprint key, Fingerprint content, String queueId, boolean kept) {
        return codec.encode(new PostedRequest(node, id, key.octets(), content.octets(), queueId, kept, null));
    }

    /** The log has judged a claim of this loop. */
    void judged(long id, KnownRequests.Known first) {
        assert loop.inEventLoop();
        Pending one = pending.get(id);
        if (one != null) {
            answer(id, Claim.of(first, one.content()));
        }
    }

    private void answer(long id, Claim claim) {
        @Nullable Pending one = pending.remove(id);
        if (one != null) {
            one.givingUp().cancel(false);
            one.then().accept(claim);
        }
    }

    EventExecutor loop() {
        return loop;
    }
}
