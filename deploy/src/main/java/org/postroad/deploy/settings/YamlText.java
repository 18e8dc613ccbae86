package org.postroad.deploy.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** YAML: a text as what is written in it, and a value as text on one line. */
final class YamlText {
    /** Some ten thousand routes, and as much as SnakeYAML takes; whoever names a device by mistake is told so. */
    private static final int LARGEST_FILE = 3 << 20;

    private YamlText() {}

    /**
     * Reads a file in UTF-8.
     *
     * @throws ConfigurationException in one line, when there is no such file or it is no YAML
     */
    static Written file(Path file) {
        return parse(text(file), Written.Source.FILE, file.toString());
    }

    private static String text(Path file) {
        String fault = "cannot read the configuration " + file + ": ";
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(LARGEST_FILE + 1);
            if (octets.length > LARGEST_FILE) {
                throw new ConfigurationException(fault + "larger than 3 MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(fault + "not UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(fault + "no such file", e);
        } catch (IOException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
            throw new ConfigurationException(fault + reason, e);
        }
    }

    /**
     * Reads YAML.
     *
     * @param name of the file, for faults
     * @throws ConfigurationException in one line, when it is none
     */
    static Written parse(String yaml, Written.Source source, String name) {
        try {
            return Written.of(new Yaml().compose(new StringReader(yaml)), source, name);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            String fault = Stream.of(e.getContext(), e.getProblem())
                    .filter(part -> part != null && !part.isBlank())
                    .collect(Collectors.joining(", "));
            throw new ConfigurationException(name + ", line " + line + ": not YAML: " + fault, e);
        } catch (YAMLException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new ConfigurationException(name + ": not YAML: " + reason, e);
        }
    }

    /** Reads a declaration's own text. */
    static Written parse(String yaml) {
        return parse(yaml, Written.Source.DEFAULT, "");
    }

    /** A single value, or a list of some, on one line. */
    static String of(Object value) {
        DumperOptions style = new DumperOptions();
        style.setDefaultFlowStyle(DumperOptions.FlowStyle.FLOW);
        style.setSplitLines(false);
        if (String.valueOf(value).chars().anyMatch(Character::isISOControl)) {
            style.setDefaultScalarStyle(DumperOptions.ScalarStyle.DOUBLE_QUOTED);
        }
        return new Yaml(style).dump(value).stripTrailing();
    }
}
