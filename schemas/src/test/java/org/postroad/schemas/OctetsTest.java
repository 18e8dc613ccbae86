package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OctetsTest {
    @Test
    void findsTheFirstLineEndWhereverItStands() {
        Random random = new Random(11);
        for (int i = 0; i < 50_000; i++) {
            byte[] octets = new byte[random.nextInt(60)];
            int variety = 2 << random.nextInt(8); // from many control octets to all octets
            for (int j = 0; j < octets.length; j++) {
                octets[j] = (byte) (random.nextInt(variety) + (random.nextBoolean() ? 9 : 200));
            }
            int from = octets.length == 0 ? 0 : random.nextInt(octets.length);
            int to = from + random.nextInt(octets.length - from + 1);
            assertThat(Octets.lineEnd(octets, from, to)).isEqualTo(oneByOne(octets, from, to));
        }
    }

    private static int oneByOne(byte[] octets, int from, int to) {
        for (int i = from; i < to; i++) {
            if (octets[i] == '\r' || octets[i] == '\n') {
                return i;
            }
        }
        return to;
    }
}
