package org.postroad.deploy.config;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads the configuration file and lays the environment over it. */
public final class SettingsFile {
    private static final int OF_FILE = 100;
    private static final int OVER_BUILT_IN = 200;

    private SettingsFile() {}

    /**
     * The file given, else the one that POSTROAD_CONFIG names, else defaults alone.
     *
     * @throws ConfigurationException naming the key and what is wrong with it
     */
    public static Settings load(@Nullable Path given, Map<String, String> environment) {
        String named = environment.get("POSTROAD_CONFIG");
        Path file = given != null ? given : named == null || named.isEmpty() ? null : Path.of(named);
        if (file == null) {
            return read("", "defaults", environment);
        }
        try {
            return read(Files.readString(file), file.toString(), environment);
        } catch (IOException e) {
            throw new ConfigurationException("cannot read the configuration " + file + ": " + reason(e), e);
        }
    }

    static Settings read(String yaml, String name, Map<String, String> environment) {
        try {
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                    .withSources(file(yaml, name))
                    .withSources(Environment.sources(environment))
                    .withConverter(Duration.class, OVER_BUILT_IN, converter(Durations::parse))
                    .withConverter(InetSocketAddress.class, OVER_BUILT_IN, converter(Addresses::parse))
                    .withConverter(Octets.class, OVER_BUILT_IN, converter(Octets::parse))
                    .withConverter(boolean.class, OVER_BUILT_IN, converter(SettingsFile::yesOrNo))
                    .withConverter(Boolean.class, OVER_BUILT_IN, converter(SettingsFile::yesOrNo))
                    .withMapping(Settings.class)
                    .build();
            return config.getConfigMapping(Settings.class);
        } catch (ConfigValidationException e) {
            throw new ConfigurationException(Faults.text(e), e);
        }
    }

    /** SmallRye's own converter takes every word that it does not know for false. */
    private static Boolean yesOrNo(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        throw new IllegalArgumentException("true or false");
    }

    private static <T> Converter<T> converter(java.util.function.Function<String, T> parse) {
        return value -> value.isEmpty() ? null : parse.apply(value);
    }

    private static ConfigSource file(String yaml, String name) {
        Map<String, String> keys = new TreeMap<>();
        try {
            List<String> faults = FileKeys.faults(parsed(yaml));
            if (!faults.isEmpty()) {
                throw new ConfigurationException(name + ": " + String.join("; ", faults));
            }
            Map<String, String> read = new YamlConfigSource(name, yaml, OF_FILE).getProperties();
            read.forEach((key, value) -> {
                boolean emptySection = value.isEmpty() && Faults.isSection(key);
                if (!emptySection) {
                    keys.put(Settings.PREFIX + "." + key, value);
                }
            });
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new ConfigurationException(name + ", line " + line + ": not YAML: " + e.getProblem(), e);
        } catch (YAMLException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new ConfigurationException(name + ": not YAML: " + reason, e);
        }
        return new PropertiesConfigSource(keys, name, OF_FILE);
    }

    /** The second of two equal keys would silently replace the first, a whole section perhaps. */
    private static @Nullable Object parsed(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(options)).load(yaml);
    }

    private static String reason(IOException e) {
        if (e instanceof CharacterCodingException) {
            return "not UTF-8";
        }
        return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
    }
}
