package org.postroad.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class BrokerProcessesTest {
    private final Path directory;

    BrokerProcessesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void serveWhileOneOfThemIsDeadOrFrozen() throws Exception {
        try (BrokerProcesses brokers = BrokerProcesses.start(directory)) {
            String servers = brokers.bootstrapServers();
            EmbeddedBrokerTest.createTopic(servers, "kept");
            EmbeddedBrokerTest.produce(servers, "kept", "whole");

            brokers.kill(1);
            EmbeddedBrokerTest.produce(servers, "kept", "one dead");
            brokers.restart(1);

            brokers.freeze(2);
            EmbeddedBrokerTest.produce(servers, "kept", "one frozen");
            brokers.thaw(2);

            assertThat(EmbeddedBrokerTest.consume(servers, "kept", 3))
                    .containsExactly("whole", "one dead", "one frozen");
        }
    }
}
