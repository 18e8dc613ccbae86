package org.postroad.deploy.config;

import io.smallrye.config.ConfigValidationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what SmallRye Config found wrong into one line in the operator's words, without our inner prefix. */
final class Faults {
    private static final Set<String> SECTIONS = Set.of(
            "node",
            "kafka",
            "ingress",
            "router",
            "deliverer",
            "retry",
            "standalone",
            "kafka.properties",
            "ingress.listeners",
            "router.routes",
            "router.roll-up",
            "deliverer.sources",
            "deliverer.limits");
    private static final Pattern CONVERSION =
            Pattern.compile("(?s).*config property (\\S+) with the config value \"(.*?)\" threw an Exception whilst"
                    + " being converted (.*)");
    private static final Pattern UNKNOWN =
            Pattern.compile("(?s).*?\\b(postroad\\.\\S+)(?: in (.*?))? does not map to any root.*");
    private static final Pattern MISSING = Pattern.compile("(?s).*config property (postroad\\.\\S+) is required.*");
    private static final Pattern EMPTY =
            Pattern.compile("(?s).*config property (postroad\\.\\S+) is defined as the empty String.*");
    private static final Pattern CODE = Pattern.compile("^(?:[A-Za-z.]+Exception: )?(?:SRCFG\\d+: )?");

    private Faults() {}

    /** Whether nothing under the key means its defaults, as for a section whose lines are all commented out. */
    static boolean isSection(String key) {
        return SECTIONS.contains(key);
    }

    static String text(ConfigValidationException e) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < e.getProblemCount(); i++) {
            lines.add(line(e.getProblem(i).getMessage()));
        }
        return String.join("; ", lines.stream().distinct().sorted().toList());
    }

    private static String line(String problem) {
        Matcher conversion = CONVERSION.matcher(problem);
        if (conversion.matches()) {
            return bare(conversion.group(1)) + ": " + conversion.group(2) + " is not " + wanted(conversion.group(3));
        }
        Matcher unknown = UNKNOWN.matcher(problem);
        if (unknown.matches()) {
            return unknown(bare(unknown.group(1)));
        }
        Matcher empty = EMPTY.matcher(problem);
        if (empty.matches()) {
            return bare(empty.group(1)) + ": empty; leave the key out for its default";
        }
        Matcher missing = MISSING.matcher(problem);
        if (missing.matches()) {
            return bare(missing.group(1)) + ": missing, and it has no default";
        }
        return CODE.matcher(problem).replaceFirst("").replace(Settings.PREFIX + ".", "");
    }

    static String unknown(String key) {
        if (key.startsWith("ingress.certificates")) {
            return "ingress.certificates: certificates are of no use yet: this version's listeners speak without TLS";
        }
        if (key.startsWith("ingress.users-file")) {
            return key + ": users are of no use yet: this version's listeners have no authentication";
        }
        return key + ": no such key; 'postroad config show' prints all there are";
    }

    private static String bare(String key) {
        return key.startsWith(Settings.PREFIX + ".") ? key.substring(Settings.PREFIX.length() + 1) : key;
    }

    private static String wanted(String cause) {
        String said = CODE.matcher(cause.trim()).replaceFirst("");
        return said.contains("integer") || said.contains("Integer") || said.contains("NumberFormat")
                ? "a whole number"
                : said;
    }
}
