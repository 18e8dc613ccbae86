package org.postroad.ingress.hook;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/**
 * What one hook says of a message.
 *
 * @param refusal null if it accepts
 * @param changes of its header section
 */
record HookAnswer(
        @Nullable Reply refusal,
        List<Consumer<HeaderFields>> changes,
        @Nullable String trafficClass,
        @Nullable String tenant,
        Map<String, String> meta) {
    static final HookAnswer ACCEPTED = changed(List.of());

    static HookAnswer refused(Reply refusal) {
        return new HookAnswer(refusal, List.of(), null, null, Map.of());
    }

    static HookAnswer changed(List<Consumer<HeaderFields>> changes) {
        return new HookAnswer(null, List.copyOf(changes), null, null, Map.of());
    }

    /** The word of metrics. */
    String result() {
        return refusal == null ? "accept" : refusal.isTransient() ? "defer" : "reject";
    }
}
