package org.postroad.deploy.config;

import static io.smallrye.config.ConfigMappings.ConfigClass.configClass;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.postroad.schemas.Ascii;

/**
 * The keys that the environment overrides: POSTROAD_ and the key, everything but letters and digits as an underscore.
 *
 * <p>A name that is nearly a key is refused, since an override that silently does nothing is worse than none.
 */
final class Environment {
    private static final String START = "POSTROAD_";
    private static final String CLIENT_PROPERTY = "POSTROAD_KAFKA_PROPERTIES__";

    /** They start as keys do but are read by the start script, by the log or before there are keys. */
    private static final Set<String> NOT_KEYS =
            Set.of("POSTROAD_CONFIG", "POSTROAD_HEAP", "POSTROAD_LOG", "POSTROAD_HOME");

    /** What Kubernetes puts into every pod for a service whose name starts with ours. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("POSTROAD_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_[0-9]+_(TCP|UDP).*)?)");

    private static final int ORDINAL = 300;

    private Environment() {}

    static List<ConfigSource> sources(Map<String, String> environment) {
        Map<String, String> keys = new HashMap<>();
        Map<String, String> clientProperties = new HashMap<>();
        List<Pattern> known = known();
        environment.forEach((name, value) -> {
            if (!name.startsWith(START) || NOT_KEYS.contains(name)) {
                return;
            }
            if (name.startsWith(CLIENT_PROPERTY)) {
                clientProperties.put(clientProperty(name), value);
            } else if (known.stream().anyMatch(key -> key.matcher(name).matches())) {
                keys.put(name, value);
            } else if (!SERVICE_LINK.matcher(name).matches()) {
                throw new ConfigurationException(
                        name + " in the environment: no such key; 'postroad config show' prints all there are");
            }
        });
        return List.of(
                new EnvConfigSource(keys, ORDINAL),
                new PropertiesConfigSource(clientProperties, "environment", ORDINAL));
    }

    /** POSTROAD_KAFKA_PROPERTIES__SECURITY_PROTOCOL_: Kafka's own names hold dots only. */
    private static String clientProperty(String name) {
        String property = name.substring(CLIENT_PROPERTY.length()).replaceFirst("_$", "");
        return Settings.PREFIX + ".kafka.properties.\"" + Ascii.lower(property).replace('_', '.') + "\"";
    }

    private static List<Pattern> known() {
        return ConfigMappings.getProperties(configClass(Settings.class)).keySet().stream()
                .map(key -> Pattern.compile(Ascii.upper(key)
                        .replace("[*]", "<")
                        .replaceAll("[^A-Z0-9<]", "_")
                        .replace("<", "_[0-9]+_")))
                .toList();
    }
}
