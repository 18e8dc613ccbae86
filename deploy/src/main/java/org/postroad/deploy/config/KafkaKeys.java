package org.postroad.deploy.config;

import java.util.regex.Pattern;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.PropertiesForm;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.schemas.KafkaSettings;

/** Where the cluster is; without servers, where a standalone's broker listens. */
final class KafkaKeys {
    /** What Kafka allows in a topic's name, with room for our own names behind it. */
    private static final ValueForm<String> TOPIC_PREFIX = ValueForm.text(
            "letters, digits, dots, `-` and `_`, up to 150",
            text -> text.matches("[A-Za-z0-9._-]{1,150}"),
            "up to 150 letters, digits, dots, - and _, such as postroad.");

    /** Client properties that must not be printed. */
    private static final Pattern SECRET = Pattern.compile("(?i).*(password|secret|jaas|token|key).*");

    private KafkaKeys() {}

    static KafkaSettings read(Section kafka, int brokerOfStandalone) {
        return new KafkaSettings(
                kafka.key(
                        "bootstrap-servers",
                        Forms.TEXT,
                        Default.derived(
                                () -> "127.0.0.1:" + brokerOfStandalone,
                                "`127.0.0.1:` and `standalone.kafka-port`",
                                "kafka1:9092,kafka2:9092"),
                        "where the cluster is"),
                kafka.key("topic-prefix", TOPIC_PREFIX, "postroad.", "of topics, groups, transactional ids"),
                kafka.key(
                        "properties",
                        new PropertiesForm(name -> SECRET.matcher(name).matches()),
                        "{}",
                        "for every Kafka client: `security.protocol`, `sasl.mechanism` and the like"),
                kafka.key(
                        "allow-weak-topics",
                        Forms.YES_OR_NO,
                        "false",
                        "start although topics are less replicated than mail deserves"));
    }
}
