package org.postroad.deploy.settings;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a key that nobody gave, written as it would be in the file.
 *
 * @param yaml null where there is none
 * @param fixed whether it is the same for everybody
 * @param words for the documentation
 * @param example for the default file; null where the default itself is one
 * @param usual what many will write instead, as lines for the default file, the first in words
 */
public record Default(
        @Nullable Supplier<String> yaml,
        boolean fixed,
        String words,
        @Nullable String example,
        List<String> usual) {

    /** The same for everybody. */
    public static Default of(String yaml) {
        return new Default(() -> yaml, true, "`" + yaml + "`", null, List.of());
    }

    /** The same for everybody; for an empty list, of whose elements only an example can tell. */
    public static Default of(String yaml, String example) {
        return new Default(() -> yaml, true, "`" + yaml + "`", example, List.of());
    }

    /** One that depends on the machine or on other keys, in words; only it holds for an empty value too. */
    public static Default derived(Supplier<String> yaml, String words, String example) {
        return new Default(yaml, false, words, example, List.of());
    }

    /** The key must be given. */
    public static Default none(String example) {
        return new Default(null, false, "none", example, List.of());
    }

    /** The same, with what many will write instead. */
    public Default usually(List<String> lines) {
        return new Default(yaml, fixed, words, example, lines);
    }

    /** What can stand in the file: the example, or else the default. */
    String sample() {
        return example == null ? Objects.requireNonNull(yaml).get() : example;
    }
}
