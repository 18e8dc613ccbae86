package org.postroad.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Values for tests: an ordinary envelope, and the largest ones that the caps allow. */
public final class Samples {
    private Samples() {}

    public static Envelope envelope() {
        return envelope(
                List.of(new Recipient("b@b.test", List.of(), null, 0, 0, null)),
                Map.of(),
                "Received: by a.test\r\n",
                octets(20),
                "x");
    }

    static Envelope envelope(
            List<Recipient> recipients, Map<String, String> meta, String prepend, ByteBuffer content, String name) {
        return new Envelope(
                "01JD0000000000000000000000",
                0,
                new Parent("01JD0000000000000000000001", Cause.REPLAY),
                "a@a.test",
                recipients,
                "e".repeat(Caps.ENVELOPE_ID_OCTETS),
                Ret.HDRS,
                Body.EIGHT_BIT_MIME,
                true,
                new Reception(1_700_000_000_000L, name, "127.0.0.1", name, "ESMTP", name),
                name,
                name,
                name,
                meta,
                ByteBuffer.wrap(prepend.getBytes(StandardCharsets.UTF_8)),
                new InlineContent(content),
                0L,
                1_700_432_000_000L,
                null);
    }

    /** An envelope with everything at its cap. */
    static Envelope largest(List<Recipient> recipients) {
        Envelope envelope = envelope(
                recipients,
                Map.of("k", "v".repeat(Caps.META_OCTETS - 1)),
                "p".repeat(Caps.PREPEND_OCTETS),
                octets(Caps.INLINE_OCTETS),
                "n".repeat(Caps.NAME_OCTETS));
        envelope.put("requires", largestRequirements());
        return envelope;
    }

    /** Recipients as the router and deliverer may hand them on: every field at its cap. */
    static List<Recipient> largestTried(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Recipient(
                        "a".repeat(Caps.ADDRESS_OCTETS),
                        List.of(Notify.SUCCESS, Notify.FAILURE, Notify.DELAY),
                        "o".repeat(Caps.ORIGINAL_RECIPIENT_OCTETS),
                        Integer.MAX_VALUE,
                        Integer.MAX_VALUE,
                        new LastReply(
                                599,
                                "5.999.999",
                                "t".repeat(Caps.REPLY_TEXT_OCTETS),
                                "x".repeat(Caps.EXCHANGER_OCTETS),
                                Long.MAX_VALUE)))
                .toList();
    }

    static List<String> largestRequirements() {
        return Collections.nCopies(Caps.REQUIRED_WORDS, "w".repeat(Caps.REQUIRED_WORD_OCTETS));
    }

    static ByteBuffer octets(int count) {
        byte[] octets = new byte[count];
        for (int i = 0; i < count; i++) {
            octets[i] = (byte) (i * 31);
        }
        return ByteBuffer.wrap(octets);
    }
}
