package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/**
 * What all hooks of a listener together say of a message.
 *
 * @param refusal null if it is accepted
 * @param prepend what goes before its content: the fields that were added to it and, where the header section was held back, that
 *     section as it is by now; ISO 8859-1 stands for octets
 * @param trafficClass null where no hook says one
 * @param tenant likewise
 */
public record Verdict(
        @Nullable Reply refusal,
        String prepend,
        @Nullable String trafficClass,
        @Nullable String tenant,
        Map<String, String> meta) {
    /** The tenant that a hook says, else this. */
    public @Nullable String tenantOr(@Nullable String otherwise) {
        return tenant == null ? otherwise : tenant;
    }

    /** The class that a hook says, else this. */
    public @Nullable String trafficClassOr(@Nullable String otherwise) {
        return trafficClass == null ? otherwise : trafficClass;
    }

    /** What hooks say, and this. */
    public Map<String, String> metaWith(Map<String, String> ours) {
        if (meta.isEmpty()) {
            return ours;
        }
        Map<String, String> all = new HashMap<>(meta);
        all.putAll(ours);
        return all;
    }

    /** These octets, and behind them what goes before the content. */
    public ByteBuffer prependBehind(ByteBuffer ours) {
        byte[] octets = prepend.getBytes(ISO_8859_1);
        return ByteBuffer.allocate(ours.remaining() + octets.length)
                .put(ours.duplicate())
                .put(octets)
                .flip();
    }

    static Verdict refused(Reply refusal) {
        return new Verdict(refusal, "", null, null, Map.of());
    }
}
