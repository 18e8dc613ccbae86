package org.postroad.deploy.settings;

import java.util.Map;

/** What a configuration comes to in the form of the file, each value with who decided it; read again it is the same. */
public final class ShownYaml {
    private static final int COLUMN_OF_SOURCE = 56;

    private final StringBuilder text = new StringBuilder();

    private ShownYaml() {}

    /** Lines, each with its end. */
    public static String of(Shown.Group all) {
        ShownYaml yaml = new ShownYaml();
        all.members().forEach((name, member) -> yaml.member("", name, member));
        return yaml.text.toString();
    }

    private void member(String indent, String name, Shown member) {
        String key = indent + YamlText.of(name) + ":";
        if (member instanceof Shown.Value value) {
            value(key, value);
        } else if (member instanceof Shown.Group group) {
            text.append(key).append('\n');
            group.members().forEach((inner, its) -> member(indent + "  ", inner, its));
        } else if (member instanceof Shown.Rows list) {
            text.append(key).append('\n');
            list.rows().forEach(row -> row(indent + "  ", row));
        }
    }

    private void row(String indent, Shown.Group row) {
        String start = indent + "- ";
        for (Map.Entry<String, Shown> member : row.members().entrySet()) {
            member(start, member.getKey(), member.getValue());
            start = indent + "  ";
        }
    }

    private void value(String key, Shown.Value shown) {
        Object value = shown.plain();
        String line = value == null ? key : key + " " + YamlText.of(value);
        int pad = Math.max(1, COLUMN_OF_SOURCE - line.length());
        text.append(line)
                .append(" ".repeat(pad))
                .append("# ")
                .append(shown.source().words())
                .append(shown.policy().isEmpty() ? "" : "; " + shown.policy())
                .append('\n');
    }
}
