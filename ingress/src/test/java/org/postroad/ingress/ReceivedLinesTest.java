package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceivedLinesTest {
    private static final byte[] OWN_WORDS = ReceivedLines.ownWords("Mx.Example");

    @ParameterizedTest
    @CsvSource({
        "'Received: from a ([192.0.2.1])|\tby mx.example with SMTP|', 1",
        "'Received: by MX.EXAMPLE;date|Received: by mx.example (Postroad)|Received: x|\tby \t| mx.example|', 3",
        "'Received: by mx.example by mx.example by mx.example|', 1",
        "'Received: by mx.example.org|Received: by amx.example|Received: from mx.example|Received: baby mx.example|', 0",
        "'Subject: by mx.example|Received: x|Subject: x| by mx.example|', 0",
        "'Received: by mx.| example|Received: by mx.exampl', 0",
        "'|Received: by mx.example|', 0",
    })
    void countsThoseThatThisHostWrote(String text, int own) {
        assertThat(scanned(text)).extracting(ReceivedLines::own).containsExactly(own, own);
    }

    @Test
    void comingHereAgainAndAgainIsALoopLongBeforeAHundred() {
        ReceivedLines received = new ReceivedLines(OWN_WORDS);
        byte[] line = "Received: from x by mx.example with ESMTP\r\n".getBytes(US_ASCII);
        for (int i = 0; i < 20; i++) {
            received.scan(line, 0, line.length);
        }
        assertThat(received.isLoop()).isFalse();
        received.scan(line, 0, line.length);
        assertThat(received.isLoop()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'Received: a|received: b|RECEIVED:c|Subject: Received:||Received: d|', 3",
        "'|Received: a|', 0",
        "'Received : a|RECEIVED\t : b|received  :c|Receivedx : d|Received x: e|', 3",
        "' Received: a|X-Received: b|Receive: c|Received-SPF: d|', 0",
        "'', 0",
    })
    void countsReceivedLinesOfTheHeaderSectionHoweverItArrives(String text, int count) {
        assertThat(scanned(text)).extracting(ReceivedLines::count).containsExactly(count, count);
    }

    @Test
    void aHundredIsNoLoopYet() {
        ReceivedLines received = new ReceivedLines(OWN_WORDS);
        byte[] line = "Received: x\r\n".getBytes(US_ASCII);
        for (int i = 0; i < 100; i++) {
            received.scan(line, 0, line.length);
        }
        assertThat(received.isLoop()).isFalse();
        received.scan(line, 0, line.length);
        assertThat(received.isLoop()).isTrue();
    }

    /** The same header section at once, and octet by octet. */
    private static List<ReceivedLines> scanned(String text) {
        byte[] octets = text.replace("|", "\r\n").getBytes(US_ASCII);
        ReceivedLines whole = new ReceivedLines(OWN_WORDS);
        whole.scan(octets, 0, octets.length);
        ReceivedLines single = new ReceivedLines(OWN_WORDS);
        for (int i = 0; i < octets.length; i++) {
            single.scan(octets, i, i + 1);
        }
        return List.of(whole, single);
    }
}
