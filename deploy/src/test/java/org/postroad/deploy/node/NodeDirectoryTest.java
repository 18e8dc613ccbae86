package org.postroad.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.DirectoryInUseException;

class NodeDirectoryTest {
    @Test
    void oneProcessHoldsItForARole(@TempDir Path directory) throws Exception {
        try (NodeDirectory held = NodeDirectory.take(directory, "deliverer")) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> NodeDirectory.take(directory, "deliverer"))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining(directory.toString());
            NodeDirectory.take(directory, "router").close();
        }
        NodeDirectory.take(directory, "deliverer").close();
    }

    /** Linux has a tmpfs there. */
    @Test
    void whatGoesWithTheMachineOrTheContainerIsKnown() throws Exception {
        assertThat(NodeDirectory.passing(Path.of("/dev/shm"))).isEqualTo("tmpfs");
        assertThat(NodeDirectory.passing(Path.of("/proc"))).isNull();
    }
}
