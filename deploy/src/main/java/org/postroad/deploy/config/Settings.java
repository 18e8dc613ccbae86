package org.postroad.deploy.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every key of the configuration file, with its type and its default; what is not here is refused by name.
 *
 * <p>Lists of groups have no default here: {@link Configuration} puts one in where the file gives none.
 */
@ConfigMapping(prefix = Settings.PREFIX)
public interface Settings {
    /** Keys carry it inside, so that POSTROAD_KAFKA_TOPIC_PREFIX is the environment's name of kafka.topic-prefix. */
    String PREFIX = "postroad";

    Node node();

    Kafka kafka();

    Ingress ingress();

    Router router();

    Deliverer deliverer();

    Retry retry();

    Standalone standalone();

    /** What all roles of one machine share. */
    interface Node {
        Optional<String> hostname();

        Optional<List<String>> ownNames();

        Optional<String> postmaster();

        @WithDefault("127.0.0.1:9470")
        InetSocketAddress metricsAddress();

        @WithDefault("127.0.0.1:9471")
        InetSocketAddress adminAddress();
    }

    /** Where the cluster is; without servers, where a standalone's broker listens. */
    interface Kafka {
        Optional<String> bootstrapServers();

        @WithDefault("postroad.")
        String topicPrefix();

        Map<String, String> properties();

        @WithDefault("false")
        boolean allowWeakTopics();
    }

    /** How mail comes in. */
    interface Ingress {
        List<Listener> listeners();

        @WithDefault("50MiB")
        Octets maxMessageSize();

        @WithDefault("16KiB")
        Octets inlineContentUpTo();
    }

    /** One place to listen. */
    interface Listener {
        String name();

        InetSocketAddress address();

        @WithDefault("relay")
        String role();

        @WithDefault("none")
        String tls();

        @WithDefault("none")
        String auth();

        @WithDefault("127.0.0.0/8,::1/128")
        List<String> relayFrom();

        Optional<List<String>> acceptFor();
    }

    /** Where mail goes. */
    interface Router {
        Optional<List<InetSocketAddress>> dnsServers();

        List<Route> routes();

        List<RollUp> rollUp();
    }

    /** A route that stands before DNS. */
    interface Route {
        String domain();

        List<String> to();

        @WithDefault("opportunistic")
        String tls();
    }

    /** Domains that share one destination. */
    interface RollUp {
        String exchangerSuffix();

        String destination();
    }

    /** How mail goes out. */
    interface Deliverer {
        @WithDefault("25")
        int port();

        List<Source> sources();

        List<Limit> limits();

        @WithDefault("false")
        boolean allowLocalExchangers();

        @WithDefault("60s")
        Duration drainLimit();
    }

    /** Where connections come from. */
    interface Source {
        String name();

        Optional<String> ehlo();

        Optional<String> address();

        @WithDefault("any")
        String addressFamily();
    }

    /** Good manners towards one destination. */
    interface Limit {
        String destination();

        @WithDefault("10")
        int connections();

        @WithDefault("50")
        int messagesPerConnection();

        @WithDefault("5s")
        Duration idle();
    }

    /** When mail is tried again. */
    interface Retry {
        @WithDefault("30s,1m,5m,15m,1h,4h")
        List<Duration> tiers();

        @WithDefault("5m,15m,30m,1h,2h,4h")
        List<Duration> schedule();

        @WithDefault("5d")
        Duration lifetime();
    }

    /** The embedded broker. */
    interface Standalone {
        @WithDefault("29092")
        int kafkaPort();
    }
}
