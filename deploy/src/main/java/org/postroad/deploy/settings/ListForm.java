package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.Written.Source;

/**
 * Several values: a list, or one text with commas between them, which is how the environment says it. By index the
 * environment changes single elements of the file's list; without one they make a list of their own.
 *
 * @param needed what is said of an empty list; null where it may be empty
 */
public record ListForm<T>(ValueForm<T> each, @Nullable String needed, Predicate<List<T>> fits, String wanted)
        implements Form<List<T>> {

    /** One at least; the words follow "empty; ". */
    public ListForm<T> notEmpty(String words) {
        return new ListForm<>(each, words, fits, wanted);
    }

    /** Only lists that fit; the words complete "[a, b] is not ...". */
    public ListForm<T> where(Predicate<List<T>> theyFit, String words) {
        return new ListForm<>(each, needed, theyFit, words);
    }

    @Override
    public String says() {
        return "a list, each " + each.says();
    }

    @Override
    public boolean isGiven(Written written) {
        return !written.isBlank();
    }

    @Override
    public @Nullable Taken<List<T>> read(Place place, Written written) {
        boolean ofItsOwn =
                written.source() == Source.DEFAULT && place.element(0).isInEnvironment();
        List<Written> items = ofItsOwn ? List.of() : items(written);
        if (items == null) {
            place.fault(written, written.shown() + " is not a list");
            return null;
        }
        List<T> values = new ArrayList<>();
        List<Object> shown = new ArrayList<>();
        Source source = written.source();
        int i = 0;
        for (; ; i++) {
            Place its = place.element(i);
            Written item = its.overlaid(i < items.size() ? items.get(i) : Written.NOTHING);
            if (item.isAbsent()) {
                break;
            }
            source = item.source() == Source.ENVIRONMENT ? Source.ENVIRONMENT : source;
            Taken<T> taken = element(its, item);
            if (taken != null) {
                values.add(taken.value());
                shown.add(each.shows().apply(taken.value()));
            }
        }
        boolean whole = values.size() == i;
        return whole && isFit(place, written, values, shown)
                ? new Taken<>(List.copyOf(values), new Shown.Value(shown, source))
                : null;
    }

    private static @Nullable List<Written> items(Written written) {
        String text = written.text();
        return written.isBlank()
                ? List.of()
                : text == null
                        ? written.items()
                        : Stream.of(text.split(",", -1)).map(written::part).toList();
    }

    private @Nullable Taken<T> element(Place place, Written item) {
        if (item.isBlank()) {
            place.fault(item, "empty");
            return null;
        }
        return each.read(place, item);
    }

    private boolean isFit(Place place, Written written, List<T> values, List<Object> shown) {
        if (values.isEmpty() && needed != null) {
            place.fault(written, "empty; " + needed);
            return false;
        }
        if (!fits.test(values)) {
            place.fault(written, Written.shown(shown.toString()) + " is not " + wanted);
            return false;
        }
        return true;
    }
}
