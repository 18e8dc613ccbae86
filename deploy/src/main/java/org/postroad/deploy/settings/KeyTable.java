package org.postroad.deploy.settings;

import java.util.ArrayList;
import java.util.List;

/** All keys as the table of the documentation, in Markdown. */
public final class KeyTable {
    /** The lines of the table's head. */
    private static final List<String> HEAD = List.of("| key | may be | default | meaning |", "|---|---|---|---|");

    private KeyTable() {}

    /** The lines of the table. */
    public static List<String> of(Reading described) {
        List<String> lines = new ArrayList<>(HEAD);
        described.root().sections().forEach(section -> add(section.keys(), lines));
        return lines;
    }

    private static void add(List<Key> keys, List<String> lines) {
        for (Key key : keys) {
            lines.add("| `" + key.path().replace("[0]", "[]") + "` | " + key.says() + " | "
                    + key.otherwise().words() + " | " + key.words() + " |");
            add(key.columns(), lines);
        }
    }
}
