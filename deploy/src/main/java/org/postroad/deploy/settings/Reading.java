package org.postroad.deploy.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One reading of a configuration: what is wrong with it comes together here, and is told when all of it has been read. */
public final class Reading {
    /** At its line of the file; what is in no file comes last. */
    private record Fault(int line, String text) {}

    /** A key that nobody asked for; which one was meant is known when all have been declared. */
    private record Unknown(Written at, Place section, String name, List<String> siblings) {
        String path() {
            return section.named(name).path();
        }
    }

    private static final String ALL = "'postroad config show' prints all there are";

    private final Environment environment;
    private final boolean describing;
    private final List<Fault> faults = new ArrayList<>();
    private final List<Unknown> unknown = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();
    private final Map<String, Written> places = new HashMap<>();
    private final Set<String> paths = new TreeSet<>();
    private final Section root;

    private Reading(Environment environment, boolean describing, Written file) {
        this.environment = environment;
        this.describing = describing;
        this.root = new Section(new Place(this, ""), file);
    }

    /**
     * Begins to read the file given, else the one that POSTROAD_CONFIG names, else none.
     *
     * @param environment names and values, of which those that begin with POSTROAD_ count
     * @throws ConfigurationException when the file cannot be read or is not YAML
     */
    public static Reading of(@Nullable Path given, Map<String, String> environment) {
        String named = environment.get("POSTROAD_CONFIG");
        Path file = given != null ? given : named == null || named.isEmpty() ? null : Path.of(named);
        return of(file == null ? Written.NOTHING : YamlText.file(file), environment);
    }

    /** Begins to read a text, as if it were a file of that name. */
    public static Reading ofText(String yaml, String name, Map<String, String> environment) {
        return of(YamlText.parse(yaml, Written.Source.FILE, name), environment);
    }

    private static Reading of(Written file, Map<String, String> environment) {
        if (!file.isAbsent() && !file.isNull() && file.entries() == null) {
            String found = file.items() == null ? "one value" : "a list";
            throw new ConfigurationException(file.name() + ": not a YAML file of keys and values, but " + found);
        }
        return new Reading(new Environment(environment), false, file);
    }

    /** A reading of nothing, in which each key has its default, or else its example: for the documentation. */
    public static Reading describing() {
        return new Reading(new Environment(Map.of()), true, Written.NOTHING);
    }

    Reading apart() {
        return new Reading(new Environment(Map.of()), describing, Written.NOTHING);
    }

    /** Where the keys stand. */
    public Section root() {
        return root;
    }

    /** Tells what is wrong with a key, once it is known. */
    public void fault(String path, String text) {
        fault(places.getOrDefault(path, Written.NOTHING), path, text);
    }

    void fault(Written at, String path, String text) {
        faults.add(new Fault(at.line(), at.where() + ": " + (path.isEmpty() ? "" : path + ": ") + text));
    }

    void opened(Section section) {
        sections.add(section);
    }

    void declared(String path, Written given) {
        places.put(path, given);
        paths.add(path.replaceAll("\\[[0-9]+\\]", "[]"));
    }

    void unknown(Written at, Place section, String name, List<String> siblings) {
        unknown.add(new Unknown(at, section, name, siblings));
    }

    Environment environment() {
        return environment;
    }

    /** Whether the environment is that of a pod of Kubernetes. */
    public boolean isInPod() {
        return environment.isInPod();
    }

    boolean isDescribing() {
        return describing;
    }

    /**
     * Ends the reading of what was declared.
     *
     * @throws ConfigurationException with all that is wrong
     */
    public void close() {
        List.copyOf(sections).forEach(Section::close);
        unknown.forEach(key -> fault(key.at(), key.path(), "no such key; " + hint(key)));
        environment.unasked().forEach(this::unasked);
        check();
    }

    /** Throws if anything was found wrong. */
    public void check() {
        if (!faults.isEmpty()) {
            throw new ConfigurationException(faults.stream()
                    .sorted(Comparator.comparingInt(fault -> fault.line() == 0 ? Integer.MAX_VALUE : fault.line()))
                    .map(Fault::text)
                    .distinct()
                    .toList());
        }
    }

    private void unasked(String variable) {
        String hint =
                NearName.of(variable, environment.asked()).map(Reading::meant).orElse(ALL);
        faults.add(new Fault(0, variable + " in the environment: no such key; " + hint));
    }

    /** A near name in the same section, or the same name in another one. */
    private String hint(Unknown key) {
        if (paths.contains(key.path())) {
            return "a key stands under its section, without a dot";
        }
        Optional<String> elsewhere =
                paths.stream().filter(path -> path.endsWith("." + key.name())).findFirst();
        return NearName.of(key.name(), key.siblings())
                .map(name -> key.section().named(name).path())
                .or(() -> elsewhere)
                .map(Reading::meant)
                .orElse(ALL);
    }

    private static String meant(String name) {
        return "did you mean " + name + "?";
    }
}
