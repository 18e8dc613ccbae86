package org.postroad.deploy.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in deploy/target/postroad, which a build has only after its tests: so it is tried by the run after it. */
@Tag("interop")
class DistributionTest {
    private static final Path POSTROAD = Path.of(
            System.getProperty("maven.multiModuleProjectDirectory", ".."), "deploy/target/postroad/bin/postroad");

    @Test
    void aNodeThatIsKilledLeavesNothingInTheTemporaryDirectory(@TempDir Path directory) throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Path settings = Files.writeString(directory.resolve("postroad.yaml"), """
                node: {hostname: killed.test, metrics-address: "127.0.0.1:0"}
                ingress: {listeners: [{name: a, address: "127.0.0.1:0"}]}
                standalone: {kafka-port: 0}
                """);
        Process process =
                start(temporary, "standalone", "--config", settings.toString(), "--data", directory + "/data");
        try (BufferedReader said = process.inputReader(UTF_8)) {
            assertThat(said.lines().filter(line -> line.contains("SMTP on")).findFirst())
                    .isPresent();
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.toList()).isEmpty();
        }
    }

    private static Process start(Path temporary, String... args) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of(POSTROAD.toString()), List.of(args).stream())
                        .toList());
        builder.environment().put("JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        return builder.redirectErrorStream(true).start();
    }
}
