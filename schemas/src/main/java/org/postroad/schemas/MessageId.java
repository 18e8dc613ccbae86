package org.postroad.schemas;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Message-ID of a message, without its angle brackets, in the meta of its envelope: for those who look for the message. */
public final class MessageId {
    /** Longer ones are not kept. */
    public static final int OCTETS = 255;

    private MessageId() {}

    /** What is kept with a message beside what is kept of it already. */
    public static Map<String, String> with(Map<String, String> meta, @Nullable String messageId) {
        if (messageId == null) {
            return meta;
        }
        if (meta.isEmpty()) {
            return Map.of(Meta.MESSAGE_ID, messageId);
        }
        Map<String, String> more = new HashMap<>(meta);
        more.put(Meta.MESSAGE_ID, messageId);
        return more;
    }

    /** Null where it had none that fits, or an older node took it. */
    public static @Nullable String of(Envelope envelope) {
        return envelope.getMeta().get(Meta.MESSAGE_ID);
    }
}
