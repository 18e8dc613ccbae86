package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value as somebody wrote it, and where. Its text is never interpreted: {@code 010} is not eight and {@code on} is not
 * true.
 *
 * @param node null where nothing is written
 * @param name of the file or of the environment's variable
 * @param line in the file, from 1 on; 0 where there is none
 */
record Written(@Nullable Node node, Source source, String name, int line) {
    /** Who decided a value. */
    enum Source {
        DEFAULT,
        FILE,
        ENVIRONMENT;

        String words() {
            return Ascii.lower(name());
        }
    }

    /** A key and what stands under it. */
    record Entry(Written key, Written value) {}

    static final Written NOTHING = new Written(null, Source.DEFAULT, "", 0);

    private static final int LONGEST_SHOWN = 100;

    static Written of(@Nullable Node node, Source source, String name) {
        int line = node == null || node.getStartMark() == null
                ? 0
                : node.getStartMark().getLine() + 1;
        return new Written(node, source, name, line);
    }

    static Written inEnvironment(String variable, String text) {
        return text(text, Source.ENVIRONMENT, variable, 0);
    }

    /** A part of its text, at the same place. */
    Written part(String text) {
        return text(text, source, name, line);
    }

    private static Written text(String text, Source source, String name, int line) {
        Node node = new ScalarNode(Tag.STR, text, null, null, DumperOptions.ScalarStyle.PLAIN);
        return new Written(node, source, name, line);
    }

    /** Whether the key is there at all, over whatever value. */
    boolean isAbsent() {
        return node == null;
    }

    boolean isNull() {
        return node != null && Tag.NULL.equals(node.getTag());
    }

    /** Whether nothing stands there: no value, null or an empty text. */
    boolean isBlank() {
        String text = text();
        return isAbsent() || isNull() || text != null && text.isEmpty();
    }

    /** Null for what has a tag of its own, such as {@code !env NAME}: it would mean something, and we do not know what. */
    private @Nullable Node understood() {
        return node != null && node.getTag().startsWith(Tag.PREFIX) ? node : null;
    }

    /** A single value; null where it is something else. */
    @Nullable
    String text() {
        return understood() instanceof ScalarNode scalar ? scalar.getValue() : null;
    }

    /** Whether it is a text to YAML too, and not a number, a date or the like. */
    boolean isText() {
        return node != null && Tag.STR.equals(node.getTag());
    }

    /** Whether it is a section with a key at least. */
    boolean isSectionOfSome() {
        return node instanceof MappingNode mapping && !mapping.getValue().isEmpty();
    }

    /** The elements of a list; null where it is something else. */
    @Nullable
    List<Written> items() {
        return understood() instanceof SequenceNode list
                ? list.getValue().stream().map(this::beside).toList()
                : null;
    }

    /** The keys and values of a section in their order, those merged by {@code <<} last; null where it is something else. */
    @Nullable
    List<Entry> entries() {
        return understood() instanceof MappingNode mapping ? entries(mapping, new HashSet<>()) : null;
    }

    /** An anchor can merge a section into itself, so each is looked at once. */
    private List<Entry> entries(MappingNode mapping, Set<Node> seen) {
        List<Entry> own = new ArrayList<>();
        List<Entry> merged = new ArrayList<>();
        for (NodeTuple tuple : seen.add(mapping) ? mapping.getValue() : List.<NodeTuple>of()) {
            Node value = tuple.getValueNode();
            if (Tag.MERGE.equals(tuple.getKeyNode().getTag())) {
                List<Node> all = value instanceof SequenceNode several ? several.getValue() : List.of(value);
                all.forEach(each -> merged.addAll(each instanceof MappingNode its ? entries(its, seen) : List.of()));
            } else {
                Written key = beside(tuple.getKeyNode());
                own.add(new Entry(key, new Written(value, source, name, key.line())));
            }
        }
        Set<@Nullable String> taken = new HashSet<>();
        own.forEach(entry -> taken.add(entry.key().text()));
        merged.stream().filter(entry -> taken.add(entry.key().text())).forEach(own::add);
        return own;
    }

    private Written beside(Node other) {
        return of(other, source, name);
    }

    /** The value on one line, and of a length that fits one; an anchor may have made it endless. */
    String shown() {
        if (node != null && understood() == null) {
            return shown(node.getTag().getValue()) + " ...";
        }
        if (node instanceof MappingNode mapping) {
            return mapping.getValue().isEmpty() ? "{}" : "{...}";
        }
        if (node instanceof SequenceNode list) {
            return list.getValue().isEmpty() ? "[]" : "[...]";
        }
        return shown(String.valueOf(text()));
    }

    static String shown(String text) {
        String line = (text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text)
                .replaceAll("\\p{Cntrl}", "?");
        return line.isBlank() ? "\"" + line + "\"" : line;
    }

    /** "postroad.yaml, line 3", "POSTROAD_RETRY_TIERS in the environment", "default". */
    String where() {
        return switch (source) {
            case DEFAULT -> "default";
            case ENVIRONMENT -> name + " in the environment";
            case FILE -> line == 0 ? name : name + ", line " + line;
        };
    }
}
