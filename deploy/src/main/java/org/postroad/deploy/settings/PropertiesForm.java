package org.postroad.deploy.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Names that are somebody else's, with texts: {@code a.b: c}, or the same as a tree.
 *
 * @param secret whether the value of a name is never shown
 */
public record PropertiesForm(Predicate<String> secret) implements Form<Map<String, String>> {
    private static final String HIDDEN = "(hidden)";

    /** An anchor can make a tree that never ends, or one that ends after many millions of leaves. */
    private static final int DEEPEST = 16;

    private static final int MOST = 1_000;

    @Override
    public String says() {
        return "a section of names and texts";
    }

    @Override
    public boolean isGiven(Written written) {
        return !written.isBlank();
    }

    @Override
    public @Nullable Taken<Map<String, String>> read(Place place, Written written) {
        Map<String, Written> found = new TreeMap<>();
        if (!written.isBlank() && !collect(place, "", written, found, DEEPEST)) {
            return null;
        }
        if (found.size() >= MOST) {
            place.fault(written, MOST + " properties or more");
            return null;
        }
        found.putAll(place.takeBelow());
        Map<String, String> values = new TreeMap<>();
        Map<String, Shown> shown = new LinkedHashMap<>();
        found.forEach((name, value) -> {
            String text = String.valueOf(value.text());
            values.put(name, text);
            shown.put(name, new Shown.Value(secret.test(name) ? HIDDEN : text, value.source()));
        });
        Shown all = shown.isEmpty() ? new Shown.Value(shown, written.source()) : new Shown.Group(shown);
        return new Taken<>(values, all);
    }

    /** Up to the first fault, since an anchor can repeat one for ever. */
    private static boolean collect(Place place, String above, Written written, Map<String, Written> found, int depth) {
        List<Written.Entry> entries = written.entries();
        if (entries == null) {
            place.fault(written, written.shown() + " is not a section of keys and values");
            return false;
        }
        for (Written.Entry entry : entries) {
            if (found.size() >= MOST) {
                return true;
            }
            Place its = place.named(entry.key().shown());
            if (!entry.key().isText()) {
                its.fault(entry.key(), "not the name of a property; put it in quotes");
                return false;
            }
            String name = above + entry.key().text();
            Written value = entry.value();
            if (value.text() != null && !value.isNull()) {
                if (found.put(name, value) != null) {
                    its.duplicate(entry.key());
                    return false;
                }
            } else if (!value.isSectionOfSome() || depth == 0) {
                its.fault(value, (value.isNull() ? "that" : value.shown()) + " is not a single value");
                return false;
            } else if (!collect(its, name + ".", value, found, depth - 1)) {
                return false;
            }
        }
        return true;
    }
}
