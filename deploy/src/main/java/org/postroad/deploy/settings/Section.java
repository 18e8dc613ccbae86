package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.Form.Taken;

/**
 * A section of the configuration while it is read. Each call of {@code key} declares a key, with all that there is to know
 * of it, and answers with its value; what the file has beyond that is a fault.
 *
 * <p>All keys of a section have to be declared whatever their values are, since the documentation is made by the same calls
 * over an empty file. A key with a fault has its default in the rest of the reading, which ends with an exception then.
 */
public final class Section {
    private final Place place;
    private final Written written;
    private final Map<String, Written> unasked = new LinkedHashMap<>();
    private final Map<String, Shown> shown = new LinkedHashMap<>();
    private final List<Key> keys = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();

    Section(Place place, Written written) {
        this.place = place;
        this.written = written;
        List<Written.Entry> entries = written.isBlank() && !written.isText() ? List.of() : written.entries();
        if (entries == null) {
            place.fault(written, written.shown() + " is not a section of keys and values");
        } else {
            entries.forEach(this::add);
        }
        place.reading().opened(this);
    }

    private void add(Written.Entry entry) {
        String name = entry.key().text();
        if (name == null) {
            place.reading().unknown(entry.key(), place, entry.key().shown(), List.of());
        } else if (unasked.put(name, entry.value()) != null) {
            place.named(name).duplicate(entry.key());
        }
    }

    /** A section within this one. */
    public Section section(String name) {
        Section section = new Section(place.named(name), take(name));
        sections.add(section);
        shown.put(name, section.shown());
        return section;
    }

    /** Declares a key with a default that is the same for everybody. */
    public <T> T key(String name, Form<T> form, String byDefault, String words) {
        return key(name, form, Default.of(byDefault), words);
    }

    /**
     * Declares a key.
     *
     * @param words what it means, in one sentence or two, with the unit; in Markdown
     * @return what the environment says, else the file, else the default
     */
    public <T> T key(String name, Form<T> form, Default otherwise, String words) {
        Place its = place.named(name);
        Written given = its.overlaid(take(name));
        its.reading().declared(its.path(), given);
        Taken<T> taken = taken(its, form, otherwise, given);
        if (taken == null) {
            taken = form.read(its.apart(), YamlText.parse(otherwise.sample()));
        }
        if (taken == null) {
            throw new IllegalStateException(its.path() + ": neither its default nor its example fits");
        }
        String yaml = given.text() == null ? otherwise.sample() : YamlText.of(given.text());
        keys.add(new Key(its.path(), form.says(), otherwise, words, yaml, taken.columns()));
        shown.put(name, taken.shown());
        return taken.value();
    }

    private <T> @Nullable Taken<T> taken(Place its, Form<T> form, Default otherwise, Written given) {
        if (form.isGiven(given) && (otherwise.fixed() || !given.isBlank())) {
            return form.read(its, given);
        }
        if (its.reading().isDescribing()) {
            return null;
        }
        Supplier<String> yaml = otherwise.yaml();
        if (yaml != null) {
            return form.read(its, YamlText.parse(yaml.get()));
        }
        its.fault(given.isAbsent() ? written : given, "missing, and it has no default");
        return null;
    }

    private Written take(String name) {
        Written taken = unasked.remove(name);
        return taken == null ? Written.NOTHING : taken;
    }

    /** Tells of what nobody asked for. */
    void close() {
        List<String> names = new ArrayList<>(shown.keySet());
        unasked.forEach((name, value) -> place.reading().unknown(value, place, Written.shown(name), names));
    }

    String path() {
        return place.path();
    }

    public Shown.Group shown() {
        return new Shown.Group(shown);
    }

    List<Key> keys() {
        return keys;
    }

    List<Section> sections() {
        return sections;
    }
}
