package org.postroad.deploy.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Client properties that must not be printed. */
final class Secrets {
    static final String HIDDEN = "(hidden)";
    private static final Pattern SECRET = Pattern.compile("(?i).*(password|secret|jaas|token|key).*");

    private Secrets() {}

    static Map<String, String> hidden(Map<String, String> properties) {
        Map<String, String> shown = new TreeMap<>();
        properties.forEach((name, value) -> shown.put(name, SECRET.matcher(name).matches() ? HIDDEN : value));
        return shown;
    }
}
