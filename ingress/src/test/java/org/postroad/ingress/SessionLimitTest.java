package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionLimitTest {
    @ParameterizedTest
    @CsvSource({
        "1024, 512",
        "4096, 2048",
        "20000, 10000",
        "1048576, 10000",
        "9223372036854775807, 10000",
        "-1, 10000",
        "1, 1"
    })
    void halfTheOpenFilesAreForOthers(long openFiles, int sessions) {
        assertThat(SessionLimit.of(openFiles, 10_000)).isEqualTo(sessions);
    }

    @Test
    void thisProcessHasRoomForSome() {
        assertThat(SessionLimit.ofThisProcess(100)).isBetween(1, 100);
    }
}
