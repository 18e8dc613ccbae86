package org.postroad.ingress.hook;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.postroad.schemas.Ascii;

/** The fields of one message, and how milters change them. ISO 8859-1 stands for octets. */
final class HeaderFields {
    private static final Pattern NAME = Pattern.compile("[!-9;-~]+");

    /** One that is removed stays, without text: milters count the removed ones, as they do with Sendmail. */
    private final List<Field> fields = new ArrayList<>();

    /**
     * A field, or the line before all of them that is none.
     *
     * @param name empty for that line
     * @param text with its line ends
     */
    record Field(String name, String text) {
        static Field of(String text) {
            int end = text.indexOf(':');
            int nameEnd = end;
            while (nameEnd > 0 && (text.charAt(nameEnd - 1) == ' ' || text.charAt(nameEnd - 1) == '\t')) {
                nameEnd--;
            }
            String name = text.substring(0, Math.max(0, nameEnd));
            return new Field(NAME.matcher(name).matches() ? name : "", text);
        }

        /** What stands behind the colon, with LF for line ends, and without spaces at its beginning unless they are wanted. */
        String value(boolean withSpaces) {
            int begin = text.indexOf(':') + 1;
            while (!withSpaces && begin < text.length() && (text.charAt(begin) == ' ' || text.charAt(begin) == '\t')) {
                begin++;
            }
            String value = text.substring(begin).replace("\r\n", "\n");
            return value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
        }
    }

    /** @param texts of fields, with their line ends */
    HeaderFields(List<String> texts) {
        texts.forEach(text -> fields.add(Field.of(text)));
    }

    /**
     * Makes a field of what a milter says.
     *
     * @param withSpaces whether the value has the space that stands behind the colon
     * @throws IllegalArgumentException if the name is none
     */
    static Field field(String name, String value, boolean withSpaces) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no name of a field");
        }
        StringBuilder text = new StringBuilder(name).append(withSpaces ? ":" : ": ");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\n') {
                boolean last = i + 1 == value.length();
                boolean folded = !last && (value.charAt(i + 1) == ' ' || value.charAt(i + 1) == '\t');
                text.append(last ? "" : folded ? "\r\n" : "\r\n\t"); // or it would begin another field
            } else if (c != '\r') {
                text.append(c);
            }
        }
        return new Field(name, text.append("\r\n").toString());
    }

    /** One that changes by itself. */
    HeaderFields copy() {
        HeaderFields copy = new HeaderFields(List.of());
        copy.fields.addAll(fields);
        return copy;
    }

    void add(Field field) {
        fields.add(field);
    }

    /** @param index 0 for before all others */
    void insert(int index, Field field) {
        fields.add(Math.min(index, fields.size()), field);
    }

    /**
     * Replaces a field.
     *
     * @param which 1 for the first of its name
     */
    void change(int which, Field by) {
        int at = find(by.name(), which);
        if (at < 0) {
            fields.add(by);
        } else {
            fields.set(at, by);
        }
    }

    void remove(String name, int which) {
        int at = find(name, which);
        if (at >= 0) {
            fields.set(at, new Field(name, ""));
        }
    }

    private int find(String name, int which) {
        int left = Math.max(1, which);
        for (int i = 0; i < fields.size(); i++) {
            if (Ascii.equalsIgnoringCase(fields.get(i).name(), name) && --left == 0) {
                return i;
            }
        }
        return -1;
    }

    List<Field> fields() {
        return List.copyOf(fields);
    }

    /** Octets. */
    int length() {
        return fields.stream().mapToInt(field -> field.text().length()).sum();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        fields.forEach(field -> text.append(field.text()));
        return text.toString();
    }
}
