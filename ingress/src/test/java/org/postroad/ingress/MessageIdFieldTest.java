package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.MessageId;

/** The Message-ID is found in the pass that counts hops, however the content arrives. */
class MessageIdFieldTest {
    @ParameterizedTest
    @CsvSource({
        "'Message-ID: <a@b>|', a@b",
        "'Subject: x|MESSAGE-id:<a@b>|', a@b",
        "'Message-ID :  (first) <a@b>|', a@b",
        "'Message-ID:| <a@b>|', a@b",
        "'Message-ID: <a@|\tb>|', a@b",
        "'Received: x| Message-ID: <no@fold>|Message-ID: <a@b>|', a@b",
        "'Message-ID: none|Message-ID: <a@b>|', ",
        "'Message-ID: <a@b>|Message-ID: <c@d>|', a@b",
        "'Message: <a@b>|Mime-Version: 1.0|', ",
        "'Message-ID-Old: <a@b>|', ",
        "'X-Message-ID: <a@b>|', ",
        "'Message-ID: <a@b|', ",
        "'Message-ID: <>|', ",
        "'Subject: x||Message-ID: <in@body>|', ",
        "'Message-ID: <\u00e4@b>|', ",
    })
    void isWhatStandsInTheBracketsOfTheFirstFieldOfThatName(String text, @Nullable String id) {
        byte[] octets = text.replace("|", "\r\n").getBytes(UTF_8);
        ReceivedLines atOnce = new ReceivedLines(ReceivedLines.ownWords("mx.test"));
        atOnce.scan(octets, 0, octets.length);
        ReceivedLines oneByOne = new ReceivedLines(ReceivedLines.ownWords("mx.test"));
        for (int i = 0; i < octets.length; i++) {
            oneByOne.scan(octets, i, i + 1);
        }
        assertThat(atOnce.messageId()).isEqualTo(id);
        assertThat(oneByOne.messageId()).isEqualTo(id);
    }

    @Test
    void oneThatIsTooLongIsNotKeptAtAll() {
        assertThat(idOf("a".repeat(MessageId.OCTETS))).hasSize(MessageId.OCTETS);
        assertThat(idOf("a".repeat(MessageId.OCTETS + 1))).isNull();
    }

    private static @Nullable String idOf(String id) {
        byte[] octets = ("Message-ID: <" + id + ">\r\n\r\n").getBytes(UTF_8);
        ReceivedLines hops = new ReceivedLines(ReceivedLines.ownWords("mx.test"));
        hops.scan(octets, 0, octets.length);
        return hops.messageId();
    }
}
