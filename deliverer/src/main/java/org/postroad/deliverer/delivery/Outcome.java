package org.postroad.deliverer.delivery;

import java.time.Duration;
import java.util.function.Function;
import org.postroad.schemas.LastReply;

/**
 * What became of one recipient.
 *
 * <p>JDK 17 has no exhaustive pattern switch, so whoever judges a case uses {@link #match}, which a new case breaks at
 * compile time.
 */
public sealed interface Outcome {

    /**
     * The exchanger took responsibility.
     *
     * @param reported also for the reports that the sender wants (RFC 3461)
     */
    record Delivered(LastReply reply, boolean tls, boolean reported) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.delivered().apply(this);
        }
    }

    /**
     * A real attempt failed for now; counted.
     *
     * @param inDoubt the final dot was sent and nothing came back: it may have been delivered
     */
    record Deferred(LastReply reply, boolean inDoubt) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.deferred().apply(this);
        }
    }

    /** An exception nobody foresaw; not an attempt, and held after several. */
    record Faulted(LastReply reply) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.faulted().apply(this);
        }
    }

    /** It can never be delivered. */
    record Bounced(LastReply reply) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.bounced().apply(this);
        }
    }

    /** Not tried, not counted; comes back after a while, at once for {@link Duration#ZERO} (a route too old). */
    record Untried(Duration dueIn, String why) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.untried().apply(this);
        }
    }

    /** Waits until an operator releases it. */
    record Held(String why) implements Outcome {
        @Override
        public <T> T match(Cases<T> cases) {
            return cases.held().apply(this);
        }
    }

    <T> T match(Cases<T> cases);

    /** One function for each case. */
    record Cases<T>(
            Function<Delivered, T> delivered,
            Function<Deferred, T> deferred,
            Function<Faulted, T> faulted,
            Function<Bounced, T> bounced,
            Function<Untried, T> untried,
            Function<Held, T> held) {}
}
