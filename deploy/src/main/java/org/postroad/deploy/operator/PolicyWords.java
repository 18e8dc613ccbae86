package org.postroad.deploy.operator;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.NearName;
import org.postroad.schemas.Domain;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Selector;
import org.postroad.schemas.policy.StandingPolicy;

/** Policies as operators write them: {@code limit:example.org connections=2}. Faults are IllegalArgumentExceptions with words for them. */
public final class PolicyWords {
    private static final String EVERY = "*";

    private PolicyWords() {}

    /** What stands before the colon. */
    public static Aspect aspect(String key) {
        int colon = key.indexOf(':');
        if (colon < 1 || colon == key.length() - 1) {
            throw new IllegalArgumentException(key + " is not like limit:example.org");
        }
        String word = key.substring(0, colon);
        Aspect aspect = Aspect.of(word);
        if (aspect == null) {
            List<String> words = Stream.of(Aspect.values()).map(Aspect::word).toList();
            throw new IllegalArgumentException(key + ": there is no policy of that kind; " + meant(word, words));
        }
        return aspect;
    }

    /**
     * What stands behind the colon, as nodes look for it: in lower case, with A-labels and without a final dot.
     *
     * @param rollUps the destinations that roll-ups make, which may be no domains
     * @return null for what can be none of a destination unless there is such a roll-up
     */
    public static @Nullable String subject(Aspect aspect, String key, Collection<String> rollUps) {
        String text = key.substring(key.indexOf(':') + 1);
        if (aspect == Aspect.HOLD) {
            return Selector.parse(text).text();
        }
        if (aspect == Aspect.PROTOCOL_LOG
                || text.equals(EVERY) && aspect != Aspect.ROLL_UP
                || aspect.isOfDestination() && rollUps.contains(text)) {
            return text;
        }
        String near =
                rollUps.stream().filter(text::equalsIgnoreCase).findFirst().orElse(null);
        if (aspect.isOfDestination() && near != null) {
            return near;
        }
        String domain = Domain.canonical(text);
        if (Domain.isWellFormed(domain, false)) {
            return domain;
        }
        if (!aspect.isOfDestination()) {
            throw new IllegalArgumentException(
                    key + ": wanted is " + (aspect == Aspect.ROLL_UP ? "a domain" : "a domain, or *"));
        }
        return null;
    }

    /** Each {@code name=value} once, none but those that the aspect has. */
    public static Map<String, String> settings(Aspect aspect, List<String> words) {
        Set<String> names = new TreeSet<>(IgnoredPolicies.settings(aspect.word()));
        names.remove(StandingPolicy.UNTIL); // said by --for
        Map<String, String> settings = new TreeMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (!names.contains(name)) {
                throw new IllegalArgumentException(
                        name + ": a " + aspect.word() + " has no such setting; " + meant(name, names));
            }
            if (equals < 0) {
                throw new IllegalArgumentException(name + ": wanted is " + name + "=VALUE");
            }
            if (settings.put(name, word.substring(equals + 1).trim()) != null) {
                throw new IllegalArgumentException(name + " is set twice");
            }
        }
        if (settings.isEmpty() && !names.isEmpty()) {
            throw new IllegalArgumentException("nothing is set; " + allOf(names));
        }
        return settings;
    }

    private static String meant(String name, Collection<String> names) {
        return NearName.of(name, names)
                .map(near -> "did you mean " + near + "?")
                .orElse(allOf(names));
    }

    private static String allOf(Collection<String> names) {
        return names.isEmpty() ? "it has none" : "there are " + String.join(", ", names);
    }
}
