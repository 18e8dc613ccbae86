package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Mail of any shape comes out as it went in, below the lines that say which way it came. */
@Tag("broker")
class ContentTest {
    private static final long SEED = Long.getLong("postroad.seed", System.nanoTime());
    private static final int INLINE = 16 * 1024;
    private static final int CHUNK = 512 * 1024;
    private static final int LARGE = 50_000_000;
    private static final String TRACE = "Received: [^\r\n]*\r\n([ \t][^\r\n]*\r\n)*";

    private final Random random = new Random(SEED);

    @Test
    void everyOctetArrivesBelowTheTraceLines(@TempDir Path directory) throws Exception {
        Map<String, byte[]> sent = shapes();
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger)) {
            for (Map.Entry<String, byte[]> mail : sent.entrySet()) {
                road.submit(List.of(mail.getKey() + "@shapes.test"), mail.getValue());
            }
            for (ReceivedMail mail : exchanger.awaitMails(sent.size(), Road.PATIENCE)) {
                String shape = mail.recipientAddresses().get(0).replace("@shapes.test", "");
                byte[] expected = sent.remove(shape);
                assertThat(expected).as("%s has come once", shape).isNotNull();
                byte[] content = mail.content();
                int below = content.length - expected.length;
                assertThat(below).as("%s, seed %d", shape, SEED).isPositive();
                assertThat(Arrays.equals(content, below, content.length, expected, 0, expected.length))
                        .as("%s is what was sent, seed %d", shape, SEED)
                        .isTrue();
                assertThat(new String(content, 0, below, ISO_8859_1)).matches(TRACE);
            }
        }
        assertThat(sent).isEmpty();
    }

    private Map<String, byte[]> shapes() {
        Map<String, byte[]> shapes = new LinkedHashMap<>();
        shapes.put("empty", new byte[0]);
        shapes.put("oneline", octets("no header, no empty line\r\n"));
        shapes.put("emptyline", octets("\r\n"));
        shapes.put("dot", octets(".\r\n"));
        shapes.put("dots", octets(".\r\n..\r\n...\r\n.\r\n\r\n.\r\n"));
        shapes.put("dotlines", octets("Subject: .\r\n\r\n.hidden\r\n..two\r\n.\r\nend.\r\n"));
        shapes.put("folded", octets(" looks like the rest of a header line\r\n\r\nx\r\n"));
        shapes.put("utf8", octets("Subject: gr\u00fc\u00dfe\r\n\r\n\u00e4\u00f6\u00fc \u20ac \ud83d\udcee\r\n"));
        shapes.put("everyoctet", everyOctet());
        shapes.put("nul", new byte[] {'a', 0, 0, 'b', '\r', '\n', 0, '\r', '\n'});
        shapes.put("longline", octets("x".repeat(200_000) + "\r\n"));
        shapes.put("dotatedges", octets(("." + "y".repeat(8_189) + "\r\n").repeat(8)));
        for (int size : new int[] {INLINE - 1, INLINE, INLINE + 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK}) {
            shapes.put("size" + size, lines(size));
        }
        shapes.put("large", lines(LARGE));
        return shapes;
    }

    /** All but CR and LF, which only come together. */
    private static byte[] everyOctet() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (int octet = 0; octet < 256; octet++) {
            if (octet != '\r' && octet != '\n') {
                octets.write(octet);
            }
        }
        octets.writeBytes(octets("\r\n"));
        return octets.toByteArray();
    }

    /** So many octets in lines of any length, many of which begin with dots. */
    private byte[] lines(int size) {
        byte[] octets = new byte[size];
        random.nextBytes(octets);
        for (int i = 0; i < size; i++) {
            octets[i] = octets[i] == '\r' || octets[i] == '\n' ? (byte) '.' : octets[i];
        }
        for (int end = 2; end < size - 2; end += 3 + random.nextInt(150)) {
            endLine(octets, end);
        }
        endLine(octets, size);
        return octets;
    }

    private void endLine(byte[] octets, int end) {
        octets[end - 2] = '\r';
        octets[end - 1] = '\n';
        if (end < octets.length && random.nextInt(4) == 0) {
            octets[end] = '.';
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(UTF_8);
    }
}
