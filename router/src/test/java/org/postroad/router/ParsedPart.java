package org.postroad.router;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A MIME part as a strict reader sees it; anything malformed is an error. */
record ParsedPart(Map<String, String> fields, byte[] content) {
    private static final Pattern FIELD = Pattern.compile("([!-9;-~]+): (.*)", Pattern.DOTALL);
    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"([^\"]+)\"");

    static ParsedPart of(byte[] octets) {
        String text = new String(octets, ISO_8859_1);
        int blank = text.indexOf("\r\n\r\n");
        return new ParsedPart(
                fieldsOf(text.substring(0, blank + 2)),
                text.substring(blank + 4).getBytes(ISO_8859_1));
    }

    /** One block of fields, unfolded; names in order. */
    static Map<String, String> fieldsOf(String block) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : block.replace("\r\n ", " ").split("\r\n")) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new AssertionError("not a field: " + line);
            }
            if (fields.put(field.group(1), field.group(2)) != null) {
                throw new AssertionError("twice: " + line);
            }
        }
        return fields;
    }

    List<ParsedPart> parts() {
        Matcher boundary = BOUNDARY.matcher(type());
        if (!boundary.find()) {
            throw new AssertionError("no boundary");
        }
        String[] pieces = ("\r\n" + text()).split(Pattern.quote("\r\n--" + boundary.group(1)), -1);
        List<ParsedPart> parts = new ArrayList<>();
        for (int i = 1; i < pieces.length - 1; i++) {
            parts.add(of(pieces[i].substring(2).getBytes(ISO_8859_1)));
        }
        if (!pieces[pieces.length - 1].equals("--\r\n")) {
            throw new AssertionError("not closed: " + pieces[pieces.length - 1]);
        }
        return parts;
    }

    String type() {
        return Objects.requireNonNull(fields.get("Content-Type"));
    }

    String text() {
        return new String(content, ISO_8859_1);
    }

    /** A delivery status: the message's fields, then each recipient's. */
    List<Map<String, String>> statusFields() {
        List<Map<String, String>> groups = new ArrayList<>();
        for (String block : text().split("\r\n\r\n")) {
            groups.add(fieldsOf(block));
        }
        return groups;
    }
}
