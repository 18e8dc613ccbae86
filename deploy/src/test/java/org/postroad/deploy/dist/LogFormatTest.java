package org.postroad.deploy.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of the log for people, and for machines when told so. */
class LogFormatTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A command that fails and, asked for more, logs why. */
    private static List<String> log(String format) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.postroad.deploy.Postroad",
                "config",
                "show",
                "--config",
                "/no/\"such\".yaml");
        builder.environment().put("POSTROAD_LOG", "debug");
        builder.environment().put("POSTROAD_LOG_FORMAT", format);
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(2);
        return said.lines().toList();
    }

    @Test
    void asJsonALineIsAnObjectWithItsStackTrace() throws Exception {
        List<String> lines = log("json");
        assertThat(lines).hasSize(2);
        JsonNode line = JSON.readTree(lines.get(0));
        assertThat(line.get("level").asText()).isEqualTo("DEBUG");
        assertThat(line.get("class").asText()).isEqualTo("CommandTree");
        assertThat(line.get("message").asText()).isEqualTo("the command failed");
        assertThat(line.get("queueId").asText()).isEmpty();
        assertThat(line.get("thrown").asText())
                .contains("cannot read the configuration /no/\"such\".yaml")
                .contains("\n\tat org.postroad.");
    }

    @Test
    void asTextItIsForPeople() throws Exception {
        assertThat(log("text").get(0)).contains(" DEBUG CommandTree: the command failed");
    }
}
