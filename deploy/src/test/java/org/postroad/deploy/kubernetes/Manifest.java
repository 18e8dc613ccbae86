package org.postroad.deploy.kubernetes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One object as it is written for Kubernetes: maps, lists and single values.
 *
 * @param file where it stands
 */
record Manifest(String file, Map<String, Object> content) {
    String kind() {
        return text("kind");
    }

    String name() {
        return text("metadata.name");
    }

    String id() {
        return kind() + "/" + name();
    }

    /** A single value at a path such as {@code spec.selector.name}; empty where there is none. */
    String text(String path) {
        Object found = at(path);
        return found == null ? "" : found.toString();
    }

    Map<String, Object> map(String path) {
        return map(at(path));
    }

    List<Manifest> list(String path) {
        return list(at(path)).stream().map(this::part).toList();
    }

    List<String> texts(String path) {
        return list(at(path)).stream().map(String::valueOf).toList();
    }

    /** A section of it. */
    Manifest section(String path) {
        return part(map(path));
    }

    private Manifest part(Object content) {
        return new Manifest(file, map(content));
    }

    @Nullable
    Object at(String path) {
        Object found = content;
        for (String name : path.split("\\.", -1)) {
            found = found instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return found;
    }

    @SuppressWarnings("unchecked") // YAML's keys are texts here
    static Map<String, Object> map(@Nullable Object found) {
        return found instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(@Nullable Object found) {
        return found instanceof List<?> list ? (List<Object>) list : List.of();
    }

    /** What it is with a patch laid over it: sections key by key, lists of named elements name by name, all else replaced. */
    Manifest patched(Manifest patch) {
        return new Manifest(file, merged(content, patch.content));
    }

    private static Map<String, Object> merged(Map<String, Object> base, Map<String, Object> over) {
        Map<String, Object> all = new LinkedHashMap<>(base);
        over.forEach((name, value) -> all.put(name, merged(all.get(name), value)));
        return all;
    }

    private static Object merged(@Nullable Object base, Object over) {
        if (base instanceof Map && over instanceof Map) {
            return merged(map(base), map(over));
        }
        boolean named = list(base).stream().allMatch(each -> map(each).containsKey("name"));
        return base instanceof List && over instanceof List && named ? byName(list(base), list(over)) : over;
    }

    private static List<Object> byName(List<Object> base, List<Object> over) {
        Map<Object, Object> all = new LinkedHashMap<>();
        base.forEach(each -> all.put(Objects.requireNonNull(map(each).get("name")), each));
        over.forEach(each -> all.merge(Objects.requireNonNull(map(each).get("name")), each, Manifest::merged));
        return new ArrayList<>(all.values());
    }
}
