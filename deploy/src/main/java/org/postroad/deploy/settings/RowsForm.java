package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A list of sections with the same keys. An empty list means the default, as no list does. The environment lies over the
 * keys of each section, those of the default's as well.
 *
 * @param row declares the keys of one section and makes what they say
 */
public record RowsForm<T>(Function<Section, T> row) implements Form<List<T>> {

    @Override
    public String says() {
        return "a list of sections";
    }

    @Override
    public boolean isGiven(Written written) {
        List<Written> items = written.items();
        return !written.isBlank() && (items == null || !items.isEmpty());
    }

    @Override
    public @Nullable Taken<List<T>> read(Place place, Written written) {
        List<Written> items = written.isBlank() ? List.of() : written.items();
        if (items == null) {
            place.fault(written, written.shown() + " is not a list");
            return null;
        }
        List<T> values = new ArrayList<>();
        List<Shown.Group> shown = new ArrayList<>();
        List<Key> columns = List.of();
        for (int i = 0; i < items.size() || place.element(i).isInEnvironment(); i++) {
            Place its = place.element(i);
            if (i < items.size() && items.get(i).isBlank()) {
                its.fault(items.get(i), "empty");
                continue;
            }
            Section section = new Section(its, i < items.size() ? items.get(i) : Written.NOTHING);
            values.add(row.apply(section));
            shown.add(section.shown());
            columns = section.keys();
        }
        Shown all = shown.isEmpty() ? new Shown.Value(shown, written.source()) : new Shown.Rows(shown);
        return new Taken<>(List.copyOf(values), all, columns);
    }
}
