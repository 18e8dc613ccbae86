package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/**
 * What each connection and each transaction of one destination teaches, handed to all who remember something of it: the address, its
 * exchangers' window, the destination, this node. Confined to a loop.
 */
final class Lessons {
    private final LoopParts parts;
    private final RouteQueues queues;
    private final Experience experience;
    private final Recovery recovery;

    Lessons(LoopParts parts, RouteQueues queues, Experience experience, Recovery recovery) {
        this.parts = parts;
        this.queues = queues;
        this.experience = experience;
        this.recovery = recovery;
    }

    /** Messages refused in a row for what we are. */
    int refusedRun() {
        return experience.refusedRun();
    }

    /** How the last connection there broke, while the next has to wait; else null. */
    @Nullable
    Breakdown waitsFor(Endpoint endpoint) {
        return parts.connections().waitsFor(endpoint.address(), parts.now());
    }

    boolean mayGoInClear(Endpoint endpoint) {
        return parts.memory().mayGoInClear(endpoint, parts.now());
    }

    /** Whether messages may ride with a dot there. */
    boolean mayRide(Endpoint endpoint) {
        return parts.memory().rideTrust(endpoint).isAllowed(parts.now());
    }

    void opened(SmtpConnection connection) {
        InetSocketAddress address = connection.endpoint().address();
        parts.connections().ready(connection);
        parts.memory().opened(address, connection.isEncrypted(), parts.now());
        parts.metrics().connectionOpened();
    }

    /** What the failure of a connection for a message says of us, or of an exchanger that speaks no SMTP. */
    void notOpened(RouteQueue queue, Breakdown why) {
        experience.notOpened(queue.window, why, parts.now());
    }

    /** It could not be connected to, which another address may make good. */
    void notConnected(RouteQueue queue, SmtpConnection failed, Breakdown why) {
        if (!FailurePolicy.isTlsTrouble(why)) {
            parts.memory().notOpened(failed.endpoint().address(), why, parts.now());
            queue.forgetPlan();
        }
        parts.connections().broke(failed, why, parts.now());
    }

    /** All addresses failed one message. */
    void unreachable(RouteQueue queue, Outcome outcome) {
        queue.unreachable(outcome, parts.now());
    }

    /** An exchanger of these greets a connection without mail. */
    void greeted(RouteQueue queue) {
        queue.reached();
        queue.window.greeted(parts.now());
        recovery.greeted(parts.now(), parts.nowMillis());
    }

    /** What a transaction's end says of the exchanger. */
    void ended(RouteQueue queue, SmtpConnection connection, Transaction ended, FailurePolicy.Judgement judgement) {
        long now = parts.now();
        Endpoint endpoint = connection.endpoint();
        boolean wasDead = queue.isDead();
        if (judgement.lesson() == FailurePolicy.Lesson.FAILED) {
            parts.memory().failed(endpoint.address(), now);
            queue.forgetPlan();
        } else {
            queue.reached();
        }
        parts.connections().ended(connection, ended, now);
        experience.learn(queue.window, ended, judgement, parts.memory().rideTrust(endpoint), now);
        if (recovery.mayBegin(wasDead) && !queue.window.isClosed() && !queues.isAnyDead()) {
            recovery.begin(now, parts.nowMillis());
        }
    }
}
