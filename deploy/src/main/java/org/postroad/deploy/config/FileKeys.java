package org.postroad.deploy.config;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;

/**
 * Compares the keys of a configuration file with those of {@link Settings}, whatever their values are.
 *
 * <p>SmallRye Config sees values only: a key over nothing, {@code {}} or {@code []} would pass unseen.
 */
final class FileKeys {
    /** Properties of Kafka may be written as a tree, and an anchor can make a tree that never ends. */
    private static final int DEEPEST_PROPERTY = 16;

    private final List<String> faults = new ArrayList<>();
    private final Set<String> properties = new HashSet<>();

    private FileKeys() {}

    /**
     * What is wrong with the keys, one line each, in the order of the file.
     *
     * @param root what the YAML parser made of the file; null for an empty one
     */
    static List<String> faults(@Nullable Object root) {
        FileKeys keys = new FileKeys();
        if (root instanceof Map<?, ?> mapping) {
            keys.section(Settings.class, mapping, "");
        } else if (root != null) {
            keys.faults.add(
                    "not a YAML file of keys and values, but " + (root instanceof List ? "a list" : "one value"));
        }
        return keys.faults;
    }

    private void section(Class<?> group, Map<?, ?> mapping, String path) {
        mapping.forEach((key, value) -> {
            String its = path + (path.isEmpty() ? "" : ".") + printable(key);
            Type type = key instanceof String name ? type(group, name) : null;
            if (type == null) {
                faults.add(Faults.unknown(its));
            } else {
                value(type, value, its);
            }
        });
    }

    private void value(Type type, @Nullable Object value, String path) {
        Type wanted = isA(type, Optional.class) ? argument(type) : type;
        boolean section = wanted instanceof Class<?> group && isGroup(group);
        boolean mapping = value instanceof Map;
        if (value == null) {
            return; // a section or list whose lines are all commented out; a single value is refused where it is
            // converted
        } else if (section || isA(wanted, Map.class)) {
            if (!mapping) {
                faults.add(path + ": " + printable(value) + " is not a section of keys and values");
            } else if (section) {
                section((Class<?>) wanted, (Map<?, ?>) value, path);
            } else {
                properties((Map<?, ?>) value, path, 0);
            }
        } else if (isA(wanted, List.class)) {
            list(argument(wanted), value, path);
        } else if (mapping || value instanceof List) {
            faults.add(path + ": " + printable(value) + " is not a single value");
        }
    }

    private void list(Type element, Object value, String path) {
        if (value instanceof List<?> elements) {
            for (int i = 0; i < elements.size(); i++) {
                String its = path + "[" + i + "]";
                if (elements.get(i) == null) {
                    faults.add(its + ": empty");
                } else {
                    value(element, elements.get(i), its);
                }
            }
        } else if (value instanceof Map || element instanceof Class<?> group && isGroup(group)) {
            faults.add(path + ": " + printable(value) + " is not a list");
        }
    }

    private void properties(Map<?, ?> mapping, String path, int depth) {
        mapping.forEach((key, value) -> {
            String its = path + "." + printable(key);
            if (!(key instanceof String)) {
                faults.add(its + ": not the name of a property; put it in quotes");
            } else if (value instanceof List || value == null || depth == DEEPEST_PROPERTY) {
                faults.add(its + ": " + (value instanceof List ? printable(value) : "that") + " is not a single value");
            } else if (value instanceof Map<?, ?> inner) {
                if (inner.isEmpty()) {
                    faults.add(its + ": {} is not a single value");
                }
                properties(inner, its, depth + 1);
            } else if (!properties.add(its)) {
                faults.add(its + ": found duplicate key " + its);
            }
        });
    }

    /** What stands under a key, or null when there is no such key. */
    private static @Nullable Type type(Class<?> group, String key) {
        for (Method method : group.getDeclaredMethods()) {
            if (!method.isSynthetic() && kebab(method.getName()).equals(key)) {
                return method.getGenericReturnType();
            }
        }
        return null;
    }

    private static String kebab(String name) {
        StringBuilder kebab = new StringBuilder();
        for (char letter : name.toCharArray()) {
            kebab.append(Character.isUpperCase(letter) ? "-" + Ascii.lower(letter) : letter);
        }
        return kebab.toString();
    }

    private static boolean isGroup(Class<?> type) {
        return type == Settings.class || type.getDeclaringClass() == Settings.class;
    }

    private static boolean isA(Type type, Class<?> raw) {
        return type instanceof ParameterizedType its && its.getRawType() == raw;
    }

    private static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }

    /** On one line, and of a length that fits one; an anchor may have made what is printed endless. */
    private static String printable(@Nullable Object found) {
        if (found instanceof Map<?, ?> mapping) {
            return mapping.isEmpty() ? "{}" : "{...}";
        }
        if (found instanceof List<?> list) {
            return list.isEmpty() ? "[]" : "[...]";
        }
        String text = String.valueOf(found);
        String line = (text.length() > 100 ? text.substring(0, 100) + "..." : text).replaceAll("\\p{Cntrl}", "?");
        return line.isBlank() ? "\"" + line + "\"" : line;
    }
}
