package org.postroad.deploy.config;

import java.util.List;
import java.util.regex.Pattern;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Mailbox;

/** What node.*, kafka.* and standalone.* may say. */
final class NodeRules {
    /** What Kafka allows in a topic's name, with room for our own names behind it. */
    private static final Pattern TOPIC_PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,150}");

    private NodeRules() {}

    static void check(Settings settings) {
        settings.node().postmaster().ifPresent(postmaster -> {
            if (Mailbox.parse(postmaster, false) == null) {
                throw ConfigurationException.of(
                        "node.postmaster", postmaster, "an address such as postmaster@example.org");
            }
        });
        settings.node().ownNames().orElse(List.of()).forEach(NodeRules::checkName);
        if (!TOPIC_PREFIX.matcher(settings.kafka().topicPrefix()).matches()) {
            throw ConfigurationException.of(
                    "kafka.topic-prefix",
                    settings.kafka().topicPrefix(),
                    "up to 150 letters, digits, dots, - and _, such as postroad.");
        }
        int port = settings.standalone().kafkaPort();
        if (port < 0 || port > 65_535) {
            throw ConfigurationException.of("standalone.kafka-port", port, "a port");
        }
    }

    private static void checkName(String name) {
        if (!Domain.isWellFormed(Domain.canonical(name), true) && !Addresses.isHost(name)) {
            throw ConfigurationException.of("node.own-names", name, "a host name or a numeric address");
        }
    }
}
