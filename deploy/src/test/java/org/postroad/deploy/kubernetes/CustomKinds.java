package org.postroad.deploy.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Kinds that a cluster learns from definitions: what an object of them may have, judged as strictly as an API server does. */
final class CustomKinds {
    private static final List<String> FILES = List.of(
            "strimzi-kafka",
            "strimzi-kafkanodepool",
            "strimzi-kafkatopic",
            "strimzi-kafkauser",
            "keda-scaledobjects",
            "prometheus-podmonitors",
            "prometheus-prometheusrules");

    /** They say nothing of whether a value fits, or what they say is a rule in a language of its own that only a server speaks. */
    private static final Set<String> MEANINGLESS = Set.of(
            "description",
            "default",
            "example",
            "format",
            "x-kubernetes-map-type",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-validations");

    private static final Set<String> KNOWN = Set.of(
            "type",
            "properties",
            "additionalProperties",
            "required",
            "items",
            "enum",
            "pattern",
            "minimum",
            "maximum",
            "minLength",
            "minItems",
            "oneOf",
            "anyOf",
            "x-kubernetes-int-or-string",
            "x-kubernetes-preserve-unknown-fields");

    private final Map<String, Map<String, Object>> schemas = new HashMap<>();

    CustomKinds() throws IOException {
        for (String file : FILES) {
            try (InputStream in = CustomKinds.class.getResourceAsStream("/crds/" + file + ".yaml")) {
                Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
                add(new Manifest(file, Manifest.map(yaml.<Object>load(Objects.requireNonNull(in)))).section("spec"));
            }
        }
    }

    private void add(Manifest definition) {
        for (Manifest version : definition.list("versions")) {
            String name = definition.text("group") + "/" + version.text("name") + " " + definition.text("names.kind");
            schemas.put(name, version.map("schema.openAPIV3Schema"));
        }
    }

    boolean knows(Manifest object) {
        return schemas.containsKey(name(object));
    }

    private static String name(Manifest object) {
        return object.text("apiVersion") + " " + object.kind();
    }

    /** What is wrong with an object; each names where. */
    List<String> faults(Manifest object) {
        Map<String, Object> content = new HashMap<>(object.content());
        // The server knows these of every object.
        content.keySet().removeAll(Set.of("apiVersion", "kind", "metadata"));
        List<String> faults = new ArrayList<>();
        judge(object.id(), content, Objects.requireNonNull(schemas.get(name(object))), faults);
        return faults;
    }

    private static void judge(String at, Object value, Map<String, Object> schema, List<String> faults) {
        schema.keySet().stream()
                .filter(word -> !KNOWN.contains(word) && !MEANINGLESS.contains(word))
                .forEach(word -> faults.add(at + ": the definition says " + word + ", which this test does not know"));
        if (!hasType(value, schema)) {
            faults.add(at + ": " + value + " is not of type " + schema.get("type"));
            return;
        }
        allowed(at, value, schema, faults);
        if (value instanceof Map<?, ?>) {
            section(at, Manifest.map(value), schema, faults);
        }
        if (value instanceof List<?> list && schema.containsKey("items")) {
            for (int i = 0; i < list.size(); i++) {
                judge(at + "[" + i + "]", list.get(i), Manifest.map(schema.get("items")), faults);
            }
        }
        alternatives(at, value, schema, faults);
    }

    private static boolean hasType(Object value, Map<String, Object> schema) {
        if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
            return value instanceof Integer || value instanceof String;
        }
        Object type = schema.get("type");
        if (type == null) {
            return true;
        }
        return switch (type.toString()) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "number" -> value instanceof Number;
            default -> false;
        };
    }

    private static void allowed(String at, Object value, Map<String, Object> schema, List<String> faults) {
        if (schema.containsKey("enum") && !Manifest.list(schema.get("enum")).contains(value)) {
            faults.add(at + ": " + value + " is not one of " + schema.get("enum"));
        }
        Object pattern = schema.get("pattern");
        if (pattern != null
                && value instanceof String text
                && !Pattern.compile(pattern.toString()).matcher(text).find()) {
            faults.add(at + ": " + value + " does not match " + pattern);
        }
        if (value instanceof Number number) {
            bound(at, number.doubleValue(), schema, "minimum", faults);
            bound(at, -number.doubleValue(), schema, "maximum", faults);
        }
        if (value instanceof String text) {
            bound(at, text.length(), schema, "minLength", faults);
        }
        if (value instanceof List<?> list) {
            bound(at, list.size(), schema, "minItems", faults);
        }
    }

    private static void bound(String at, double found, Map<String, Object> schema, String word, List<String> faults) {
        @Nullable Object limit = schema.get(word);
        if (limit instanceof Number number) {
            double least = word.equals("maximum") ? -number.doubleValue() : number.doubleValue();
            if (found < least) {
                faults.add(at + ": beyond " + word + " " + limit);
            }
        }
    }

    private static void section(String at, Map<String, Object> value, Map<String, Object> schema, List<String> faults) {
        Map<String, Object> properties = Manifest.map(schema.get("properties"));
        Object others = schema.get("additionalProperties");
        boolean open = Boolean.TRUE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))
                || Boolean.TRUE.equals(others)
                // A branch of an alternative names only what it is about.
                || !schema.containsKey("type");
        value.forEach((name, each) -> {
            if (properties.containsKey(name)) {
                judge(at + "." + name, each, Manifest.map(properties.get(name)), faults);
            } else if (others instanceof Map) {
                judge(at + "." + name, each, Manifest.map(others), faults);
            } else if (!open) {
                faults.add(at + ": no field " + name);
            }
        });
        for (Object name : Manifest.list(schema.get("required"))) {
            if (!value.containsKey(name.toString())) {
                faults.add(at + ": " + name + " is missing");
            }
        }
    }

    private static void alternatives(String at, Object value, Map<String, Object> schema, List<String> faults) {
        for (String word : List.of("oneOf", "anyOf")) {
            if (schema.containsKey(word)) {
                long fitting = Manifest.list(schema.get(word)).stream()
                        .filter(each -> fits(at, value, Manifest.map(each)))
                        .count();
                if (word.equals("oneOf") ? fitting != 1 : fitting == 0) {
                    faults.add(at + ": fits " + fitting + " of " + word);
                }
            }
        }
    }

    private static boolean fits(String at, Object value, Map<String, Object> schema) {
        List<String> faults = new ArrayList<>();
        judge(at, value, schema, faults);
        return faults.isEmpty();
    }
}
