package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.Ascii;

/**
 * All keys as a file in which each is commented out with its default, or an example where there is none.
 *
 * <p>A line that begins with {@code #} and no space becomes a key when that one character is deleted.
 */
public final class DefaultFile {
    private static final int WIDTH = 110;

    private final List<String> lines = new ArrayList<>();

    private DefaultFile() {}

    /** The lines of the file. */
    public static List<String> of(Reading described) {
        DefaultFile file = new DefaultFile();
        file.comment(
                "",
                "Postroad's configuration: every key with its default, or an example where the text says so."
                        + " Delete a # that no space follows to set a key; a list that is set replaces its default."
                        + " Any key can come from the environment instead: POSTROAD_KAFKA_BOOTSTRAP_SERVERS,"
                        + " POSTROAD_INGRESS_LISTENERS_0__ADDRESS."
                        + " 'postroad config check --config FILE' names what is wrong; 'postroad config show' prints what it all"
                        + " comes to.");
        for (Section section : described.root().sections()) {
            file.lines.add("");
            file.lines.add(section.path() + ":");
            section.keys().forEach(file::key);
        }
        return file.lines;
    }

    private void key(Key key) {
        comment("  ", sentence(key));
        if (key.columns().isEmpty()) {
            lines.add("  #" + key.name() + ": " + key.yaml());
            return;
        }
        key.otherwise().usual().forEach(line -> lines.add("  # " + line));
        lines.add("  #" + key.name() + ":");
        String start = "    #- ";
        for (Key column : key.columns()) {
            comment("    ", sentence(column));
            lines.add(start + column.name() + ": " + column.yaml());
            start = "      #";
        }
    }

    private static String sentence(Key key) {
        Default otherwise = key.otherwise();
        boolean example = otherwise.example() != null;
        String byDefault = otherwise.yaml() == null ? "; needed" : example ? "; by default " + otherwise.words() : "";
        String first = key.words().substring(0, 1);
        return plain(Ascii.upper(first) + key.words().substring(1) + " (" + key.says() + byDefault + ")."
                + (example ? " For example:" : ""));
    }

    private static String plain(String markdown) {
        return markdown.replaceAll("\\[([^]]*)]\\(#[^)]*\\)", "$1").replace("`", "");
    }

    private void comment(String indent, String words) {
        StringBuilder line = new StringBuilder(indent).append('#');
        for (String word : words.split(" ", -1)) {
            if (line.length() + word.length() >= WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
                line.append(indent).append('#');
            }
            line.append(' ').append(word);
        }
        lines.add(line.toString());
    }
}
