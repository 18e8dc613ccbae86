package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Partitions;

class OutboundKeyTest {
    private final OutboundKey partitioner = new OutboundKey();

    @Test
    void theKeyAloneDecidesThePartition() {
        for (int shard = 0; shard < 30; shard++) {
            byte[] key = OutboundKey.of("some.example", shard).getBytes(UTF_8);
            assertThat(partitioner.partitions("outbound", key, new byte[0], 24))
                    .isEqualTo(Optional.of(Set.of(Partitions.of("some.example", shard, 24))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[x#y]", "b#c.example", "a#", "#", "", "a#-1", "a#99999999999", "a#1#b", "[#0]"})
    void whateverADestinationIsCalledItHasAPartition(String destination) {
        assertThat(partitioner.partitions("outbound", destination.getBytes(UTF_8), new byte[0], 24))
                .isEqualTo(Optional.of(Set.of(Partitions.of(destination, 0, 24))));
    }

    @Test
    void anUnshardedDestinationIsItsOwnKey() {
        assertThat(OutboundKey.of("some.example", 0)).isEqualTo("some.example");
    }
}
