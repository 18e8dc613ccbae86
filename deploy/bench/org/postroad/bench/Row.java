package org.postroad.bench;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one case found out about one system: figures by name, in the order of the table. */
record Row(String of, String system, Map<String, Object> figures) {
    double number(String figure) {
        return ((Number) Objects.requireNonNull(figures.get(figure), figure)).doubleValue();
    }

    /** Puts the ratio of a figure to another row's beside it, if that row took part. */
    void ratio(String name, String figure, @Nullable Row other) {
        if (other != null) {
            figures.put(name, number(figure) / other.number(figure));
        }
    }
}
