package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import java.util.random.RandomGenerator;
import org.postroad.deliverer.address.AddressPlanner;
import org.postroad.deliverer.address.ExchangerMemory;
import org.postroad.deliverer.smtp.SmtpClient;

/**
 * What the destinations of one event loop share; each part is confined to that loop.
 *
 * @param bootstrap how its connections are made
 * @param client how they speak
 * @param random the loop's source of chance
 */
record LoopParts(
        NodeParts node,
        EventLoop loop,
        Bootstrap bootstrap,
        SmtpClient client,
        Connections connections,
        AddressPlanner planner,
        ExchangerMemory memory,
        SourceStanding standing,
        LargeMail largeMail,
        Permissions permissions,
        RandomGenerator random) {

    /** By the loop's clock, in nanoseconds. */
    long now() {
        return loop.ticker().nanoTime();
    }

    long nowMillis() {
        return node.nowMillis();
    }

    SendMetrics metrics() {
        return node.metrics();
    }
}
