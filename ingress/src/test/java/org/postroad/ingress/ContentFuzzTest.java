package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Trace;

/** Content as it comes from a socket, after DATA and in chunks, with all that a listener may change in it. */
class ContentFuzzTest {
    private static final byte[] OWN_WORDS = ReceivedLines.ownWords("mx.example");

    /** What was made of content, and what is known of it. */
    private record Found(String text, boolean bare, boolean ended, int unread, int received, int own, String lacking) {}

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeAreTheSameAndNoBareLineEndIsLeft(byte[] octets) {
        for (BareNewlines bare : BareNewlines.values()) {
            for (Role role : Role.values()) {
                for (boolean dotted : new boolean[] {true, false}) {
                    Handling handling = new Handling(role, Trace.FULL, bare);
                    Found whole = found(octets, octets.length, handling, dotted);
                    assertThat(found(octets, 1, handling, dotted)).isEqualTo(whole);
                    assertThat(found(octets, 5, handling, dotted)).isEqualTo(whole);
                    if (bare == BareNewlines.NORMALIZE || !whole.bare) {
                        String lines = whole.text.replace("\r\n", "");
                        assertThat(lines).doesNotContain("\n").doesNotContain(whole.ended ? "\r" : "\n");
                    }
                }
            }
        }
    }

    private static Found found(byte[] wire, int piece, Handling handling, boolean dotted) {
        ChunkDecoder chunk = new ChunkDecoder();
        chunk.expect(wire.length, true);
        ContentDecoder decoder = dotted ? new DotDecoder() : chunk;
        ContentChanges changes = ContentChanges.of(handling, dotted);
        ReceivedLines received = new ReceivedLines(OWN_WORDS);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int from = 0;
        int unread = 0;
        for (; from < wire.length && decoder.wantsMore(); from += piece) {
            int length = Math.min(piece, wire.length - from);
            int gap = changes == null ? 0 : changes.gapFor(length);
            byte[] room = new byte[gap + length];
            System.arraycopy(wire, from, room, gap, length);
            int decoded = decoder.decode(room, gap, gap + length);
            unread = wire.length - from - length + decoder.unread();
            keep(text, received, room, changes == null ? decoded : changes.apply(room, 0, gap, decoded));
        }
        if (decoder.ended() && changes != null) {
            byte[] room = new byte[changes.gapFor(0) + 1];
            keep(text, received, room, changes.finish(room, 0));
        }
        return new Found(
                text.toString(ISO_8859_1),
                decoder.bareLineEnd(),
                decoder.ended(),
                unread,
                received.count(),
                received.own(),
                lacking(changes, decoder.ended()));
    }

    private static void keep(ByteArrayOutputStream text, ReceivedLines received, byte[] room, int end) {
        received.scan(room, 0, end);
        text.write(room, 0, end);
    }

    private static String lacking(@Nullable ContentChanges changes, boolean ended) {
        SubmittedHeader header = changes == null ? null : changes.header();
        return header == null || !ended ? "" : header.lacking("id", "date");
    }
}
