package org.postroad.deploy.observer;

import java.net.InetSocketAddress;
import java.util.List;
import org.postroad.schemas.KafkaSettings;

/**
 * What the observer is told.
 *
 * @param address where it listens; on loopback, unless there are tokens
 * @param tokens of which a request has to bring one; none for none
 * @param cluster which cluster it observes, as whoever asks writes it: one that means another is not answered
 */
public record ObserverConfig(InetSocketAddress address, List<String> tokens, String cluster) {
    public ObserverConfig {
        tokens = List.copyOf(tokens);
    }

    /** How a cluster is named between commands and observers: as both have it in their configuration. */
    public static String cluster(KafkaSettings kafka) {
        return kafka.bootstrapServers() + " " + kafka.topicPrefix();
    }
}
