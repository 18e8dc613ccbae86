package org.postroad.ingress.hook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Meta;

/** Reads what a hook answers by HTTP. */
final class HttpAnswer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Of meta that all hooks of a message say; the rest is for what nodes put there. */
    private static final int META_OCTETS = Caps.META_OCTETS / 2;

    private HttpAnswer() {}

    /** @throws IllegalArgumentException saying what is wrong with it */
    static HookAnswer parse(byte[] octets) {
        JsonNode root = read(octets);
        String action = text(root, "action");
        if ("defer".equals(action)) {
            return HookAnswer.refused(HookReply.DEFERRED);
        }
        if ("reject".equals(action)) {
            String reply = text(root, "reply");
            return HookAnswer.refused(reply == null ? HookReply.REFUSED : HookReply.parse(reply));
        }
        if ("accept".equals(action)) {
            return new HookAnswer(
                    null, List.of(), label(root, "class"), label(root, "tenant"), meta(root.path("meta")));
        }
        throw new IllegalArgumentException("no action that is known");
    }

    private static JsonNode read(byte[] octets) {
        try {
            JsonNode root = JSON.readTree(octets);
            if (root == null || !root.isObject()) {
                throw new IllegalArgumentException("no JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("no JSON", e);
        }
    }

    private static @Nullable String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException(name + " is no text");
        }
        return value.textValue();
    }

    private static @Nullable String label(JsonNode object, String name) {
        String label = text(object, name);
        if (label != null && !LABEL.matcher(label).matches()) {
            throw new IllegalArgumentException(name + " is not at most 64 letters, digits, -, _ and .");
        }
        return label;
    }

    private static Map<String, String> meta(JsonNode object) {
        Map<String, String> meta = new HashMap<>();
        if (object.isMissingNode() || object.isNull()) {
            return meta;
        }
        if (!object.isObject()) {
            throw new IllegalArgumentException("meta is no object");
        }
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String key = entry.getKey();
            String value = text(object, key);
            if (value == null || Meta.isOurs(key) || !LABEL.matcher(key).matches()) {
                throw new IllegalArgumentException("meta has a key or a value that cannot be kept");
            }
            meta.put(key, value);
        }
        if (octets(meta) > META_OCTETS) {
            throw new IllegalArgumentException("meta has more than " + META_OCTETS + " octets");
        }
        return meta;
    }

    /** Whether hooks would say more together than one may. */
    static boolean isTooMuch(Map<String, String> meta, Map<String, String> more) {
        return !more.isEmpty() && octets(meta) + octets(more) > META_OCTETS;
    }

    private static int octets(Map<String, String> meta) {
        return meta.entrySet().stream()
                .mapToInt(entry -> entry.getKey().length() + entry.getValue().getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }
}
