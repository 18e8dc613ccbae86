package org.postroad.deploy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearNameTest {
    private static final List<String> NAMES =
            List.of("to", "tls", "tiers", "idle", "port", "max-message-size", "bootstrap-servers");

    @ParameterizedTest
    @CsvSource({
        "tier,tiers",
        "idel,idle",
        "Tiers,tiers",
        "tiers2,tiers",
        "bootstrap_servers,bootstrap-servers",
        "bootstrapServers,bootstrap-servers",
        "max-mesage-sizes,max-message-size",
        "tsl,", // two letters of three
        "colour,",
        "size,",
        "x,",
        "'',"
    })
    void theNearestIsFoundIfItIsNear(String written, String meant) {
        assertThat(NearName.of(written, NAMES).orElse(null)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"'','',0", "a,'',1", "'',ab,2", "kitten,sitting,3", "abc,abc,0", "ab,ba,2"})
    void aDistanceIsThatOfLevenshtein(String from, String to, int distance) {
        assertThat(NearName.distance(from, to)).isEqualTo(distance);
    }
}
