package org.postroad.ingress.http;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names in double braces, such as <code>{{first-name}}</code>, and what stands in their place for one recipient; pure. */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{ ?([A-Za-z0-9_.-]{1,64}) ?}}");

    private Placeholders() {}

    /** The names in a text. */
    static Set<String> in(String text) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = PLACEHOLDER.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    /** The text with every name replaced by its value, which is not looked through again; all of them have one. */
    static String replaced(String text, Map<String, String> values) {
        return PLACEHOLDER.matcher(text).replaceAll(found -> Matcher.quoteReplacement(value(values, found.group(1))));
    }

    /** The same for HTML, where a value is text and never markup. */
    static String replacedInHtml(String html, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(html)
                .replaceAll(found -> Matcher.quoteReplacement(escaped(value(values, found.group(1)))));
    }

    private static String value(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no value for " + name);
        }
        return value;
    }

    private static String escaped(String value) {
        StringBuilder html = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.append(c);
            }
        }
        return html.toString();
    }
}
