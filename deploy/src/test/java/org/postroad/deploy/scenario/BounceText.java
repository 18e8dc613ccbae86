package org.postroad.deploy.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bounce as its receiver's program reads it, RFC 3464 with RFC 6522, and no more lenient than they are.
 *
 * @param parts content type, and what follows the part's own header
 * @param message fields of the whole report, their names in lower case
 * @param recipients fields of each recipient
 */
record BounceText(
        Map<String, String> header,
        Map<String, String> parts,
        Map<String, String> message,
        List<Map<String, String>> recipients) {
    private static final Pattern REPORT =
            Pattern.compile("multipart/report;\\s*report-type=\"?delivery-status\"?;\\s*boundary=\"([^\"]+)\"");
    private static final String EMPTY_LINE = "\r\n\r\n";

    static BounceText parse(String content) {
        Map<String, String> header = fields(before(content));
        String type = header.getOrDefault("content-type", "");
        Matcher report = REPORT.matcher(type);
        if (!report.matches()) {
            throw new AssertionError("no report: " + type);
        }
        Map<String, String> parts = new LinkedHashMap<>();
        String[] pieces = ("\r\n" + after(content)).split(Pattern.quote("\r\n--" + report.group(1)), -1);
        if (!pieces[pieces.length - 1].startsWith("--")) {
            throw new AssertionError("the last part has no end");
        }
        for (int i = 1; i < pieces.length - 1; i++) {
            String piece = pieces[i].substring("\r\n".length());
            String its = fields(before(piece)).getOrDefault("content-type", "text/plain");
            parts.put(its.split(";", -1)[0].strip(), after(piece));
        }
        List<Map<String, String>> groups = new ArrayList<>();
        for (String group : parts.getOrDefault("message/delivery-status", "").split(EMPTY_LINE, -1)) {
            if (!group.isBlank()) {
                groups.add(fields(group));
            }
        }
        return new BounceText(header, parts, groups.get(0), groups.subList(1, groups.size()));
    }

    List<String> types() {
        return List.copyOf(parts.keySet());
    }

    String part(String type) {
        return parts.getOrDefault(type, "");
    }

    private static String before(String entity) {
        int end = entity.indexOf(EMPTY_LINE);
        return end < 0 ? entity : entity.substring(0, end);
    }

    private static String after(String entity) {
        int end = entity.indexOf(EMPTY_LINE);
        return end < 0 ? "" : entity.substring(end + EMPTY_LINE.length());
    }

    private static Map<String, String> fields(String block) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : block.replaceAll("\r\n(?=[ \t])", "").split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.putIfAbsent(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return fields;
    }
}
