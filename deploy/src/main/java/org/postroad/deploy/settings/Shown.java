package org.postroad.deploy.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.Written.Source;

/** What a configuration comes to, as it is printed. */
public sealed interface Shown {

    /** Maps, lists and values alone, as JSON has them. */
    @Nullable
    Object plain();

    /**
     * A text, a number, true or false, a list of texts, or nothing, with who decided it.
     *
     * @param policy what a policy makes of it while that is in force; empty where none does
     */
    record Value(@Nullable Object plain, Source source, String policy) implements Shown {
        Value(@Nullable Object plain, Source source) {
            this(plain, source, "");
        }

        /** The same with what a policy makes of it. */
        public Value under(String words) {
            return new Value(plain, source, words);
        }
    }

    /** A section. */
    record Group(Map<String, Shown> members) implements Shown {
        @Override
        public Map<String, @Nullable Object> plain() {
            Map<String, @Nullable Object> plain = new LinkedHashMap<>();
            members.forEach((name, member) -> plain.put(name, member.plain()));
            return plain;
        }
    }

    /** A list of sections. */
    record Rows(List<Group> rows) implements Shown {
        @Override
        public List<?> plain() {
            return rows.stream().map(Group::plain).toList();
        }
    }
}
