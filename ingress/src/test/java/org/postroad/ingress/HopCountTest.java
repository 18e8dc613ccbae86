package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HopCountTest {
    @ParameterizedTest
    @CsvSource({
        "'Received: a|received: b|RECEIVED:c|Subject: Received:||Received: d|', 3",
        "'|Received: a|', 0",
        "'Received : a|RECEIVED\t : b|received  :c|Receivedx : d|Received x: e|', 3",
        "' Received: a|X-Received: b|Receive: c|Received-SPF: d|', 0",
        "'', 0",
    })
    void countsReceivedLinesOfTheHeaderSectionHoweverItArrives(String text, int count) {
        byte[] octets = text.replace("|", "\r\n").getBytes(US_ASCII);
        HopCount whole = new HopCount();
        whole.scan(octets, 0, octets.length);
        HopCount single = new HopCount();
        for (int i = 0; i < octets.length; i++) {
            single.scan(octets, i, i + 1);
        }
        assertThat(whole.count()).isEqualTo(count);
        assertThat(single.count()).isEqualTo(count);
    }

    @Test
    void aHundredIsNoLoopYet() {
        HopCount hops = new HopCount();
        byte[] line = "Received: x\r\n".getBytes(US_ASCII);
        for (int i = 0; i < 100; i++) {
            hops.scan(line, 0, line.length);
        }
        assertThat(hops.isLoop()).isFalse();
        hops.scan(line, 0, line.length);
        assertThat(hops.isLoop()).isTrue();
    }
}
