package org.postroad.deploy.settings;

import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A single value.
 *
 * @param parse reads it; of what does not fit it throws IllegalArgumentException, whose message completes "x is not ..."
 * @param shows the value as a text, a number, or true or false
 */
public record ValueForm<T>(String says, Function<String, T> parse, Function<T, Object> shows) implements Form<T> {

    /** A text that is taken as it is. */
    public static ValueForm<String> text(String says, Predicate<String> fits, String wanted) {
        return new ValueForm<>(says, text -> checked(text, fits, wanted), text -> text);
    }

    /** Only those that fit, too; the words complete both "a duration, ..." and "x is not ...". */
    public ValueForm<T> where(Predicate<T> fits, String wanted) {
        return new ValueForm<>(says + ", " + wanted, text -> checked(parse.apply(text), fits, wanted), shows);
    }

    /** Several of them; an empty list is none. */
    public ListForm<T> list() {
        return new ListForm<>(this, null, list -> true, "");
    }

    private static <T> T checked(T value, Predicate<T> fits, String wanted) {
        if (!fits.test(value)) {
            throw new IllegalArgumentException(wanted);
        }
        return value;
    }

    @Override
    public boolean isGiven(Written written) {
        return !written.isAbsent();
    }

    @Override
    public @Nullable Taken<T> read(Place place, Written written) {
        if (written.isBlank()) {
            place.fault(written, "empty; leave the key out for its default");
            return null;
        }
        String text = written.text();
        if (text == null) {
            place.fault(written, written.shown() + " is not a single value");
            return null;
        }
        try {
            T value = parse.apply(text);
            return new Taken<>(value, new Shown.Value(shows.apply(value), written.source()));
        } catch (IllegalArgumentException e) {
            place.fault(written, written.shown() + " is not " + e.getMessage());
            return null;
        }
    }
}
