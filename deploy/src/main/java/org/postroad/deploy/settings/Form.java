package org.postroad.deploy.settings;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How values of one kind are written: what is taken, what is said of the rest, how it is shown. */
public interface Form<T> {

    /** What may stand there, in words for the documentation: "a duration, at most 10m". */
    String says();

    /** The value of what is written, with the environment over it; null when it does not fit, which was told then. */
    @Nullable
    Taken<T> read(Place place, Written written);

    /** Whether something is written, so that the default does not hold. */
    boolean isGiven(Written written);

    /**
     * A value that fits.
     *
     * @param columns of a list of sections: the keys of one
     */
    record Taken<T>(T value, Shown shown, List<Key> columns) {
        Taken(T value, Shown shown) {
            this(value, shown, List.of());
        }
    }

    /** The same, or nothing at all; for a key whose default is that there is none. */
    default Form<Optional<T>> optional() {
        Form<T> form = this;
        return new Form<>() {
            @Override
            public String says() {
                return form.says();
            }

            @Override
            public @Nullable Taken<Optional<T>> read(Place place, Written written) {
                if (written.isBlank()) {
                    return new Taken<>(Optional.empty(), new Shown.Value(null, written.source()));
                }
                Taken<T> taken = form.read(place, written);
                return taken == null ? null : new Taken<>(Optional.of(taken.value()), taken.shown());
            }

            @Override
            public boolean isGiven(Written written) {
                return form.isGiven(written);
            }
        };
    }
}
