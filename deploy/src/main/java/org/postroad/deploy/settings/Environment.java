package org.postroad.deploy.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.postroad.schemas.Ascii;

/**
 * What the environment says: for each key POSTROAD_ and the key in capitals, everything but letters and digits as an
 * underscore.
 *
 * <p>It knows no keys: what nobody asked for in the end is a fault, since an override that silently does nothing is worse
 * than none.
 */
final class Environment {
    private static final String START = "POSTROAD_";

    /** They start as keys do but are read by the start script, by the log or before there are keys. */
    private static final Set<String> NOT_KEYS =
            Set.of("POSTROAD_CONFIG", "POSTROAD_HEAP", "POSTROAD_LOG", "POSTROAD_LOG_FORMAT", "POSTROAD_HOME");

    /** What Kubernetes puts into every pod for a service whose name starts with ours. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("POSTROAD_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_[0-9]+_(TCP|UDP).*)?)");

    /** The same for a service with the name of one of our keys, such as postroad-deliverer. */
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    /** What Kubernetes puts into every pod, whatever services there are. */
    private static final String POD = "KUBERNETES_SERVICE_HOST";

    private final boolean inPod;
    private final TreeMap<String, String> variables = new TreeMap<>();
    private final Set<String> asked = new TreeSet<>();

    Environment(Map<String, String> all) {
        inPod = all.containsKey(POD);
        all.forEach((name, value) -> {
            if (name.startsWith(START) && !NOT_KEYS.contains(name) && !isServiceAddress(name, value)) {
                variables.put(name, value);
            }
        });
    }

    private static boolean isServiceAddress(String name, String value) {
        return name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches();
    }

    /** POSTROAD_INGRESS_LISTENERS_0__ADDRESS for ingress.listeners[0].address. */
    static String name(String path) {
        return START + Ascii.upper(path).replaceAll("[^A-Z0-9]", "_");
    }

    boolean isInPod() {
        return inPod;
    }

    /** What it says of a key, else what was written elsewhere. */
    Written over(String path, Written written) {
        String name = name(path);
        asked.add(name);
        String text = variables.get(name);
        return text == null ? written : Written.inEnvironment(name, text);
    }

    /** Whether it says something of a key under this one. */
    boolean hasBelow(String path) {
        return !below(name(path)).isEmpty();
    }

    /** All that is under a key, by whatever name: POSTROAD_KAFKA_PROPERTIES__SECURITY_PROTOCOL_ says security.protocol. */
    Map<String, Written> takeBelow(String path) {
        Map<String, Written> taken = new LinkedHashMap<>();
        String start = name(path) + "__";
        below(start).forEach((name, text) -> {
            asked.add(name);
            String bare = Ascii.lower(name.substring(start.length()).replaceFirst("_$", ""));
            taken.put(bare.replace('_', '.'), Written.inEnvironment(name, text));
        });
        return taken;
    }

    private Map<String, String> below(String start) {
        return variables.subMap(start, true, start + Character.MAX_VALUE, true);
    }

    /** The names that look like keys and are none. */
    List<String> unasked() {
        return variables.keySet().stream()
                .filter(name ->
                        !asked.contains(name) && !SERVICE_LINK.matcher(name).matches())
                .toList();
    }

    /** The names of all keys that there are. */
    Set<String> asked() {
        return asked;
    }
}
