package org.postroad.deploy.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the start script gives a JVM, for control groups that a directory plays. */
class StartScriptTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."), "deploy/src/main/dist/bin/postroad");

    @TempDir
    private Path directory;

    private record Ended(int code, String said) {}

    @BeforeEach
    void aJvmThatSaysHowItIsCalled() throws IOException {
        executable("java/bin/java", "#!/bin/sh\nprintf '%s ' \"$$\" \"$@\"\n");
        executable(
                "home/bin/postroad",
                Files.readString(SCRIPT)
                        .replace("/sys/fs/cgroup", directory.resolve("groups").toString())
                        .replace("/proc/self/cgroup", directory.resolve("own").toString()));
        write("own", "");
    }

    /** MiB each; the heap and what is direct. */
    @ParameterizedTest
    @CsvSource({"2048,1024,512", "1024,512,256", "8192,4096,2048", "768,384,192", "512,214,106", "384,128,64"})
    void memoryIsSharedOutFromTheLimitOfTheContainer(long limit, long heap, long direct) throws Exception {
        write("own", "0::/\n");
        write("groups/memory.max", (limit << 20) + "\n");
        assertThat(run("ingress").said())
                .contains("-Xmx" + heap + "m ")
                .contains("-XX:MaxDirectMemorySize=" + direct + "m ");
    }

    @Test
    void theLeastLimitOfTheGroupsAroundItCounts() throws Exception {
        write("own", "0::/system.slice/postroad.service\n");
        write("groups/system.slice/postroad.service/memory.max", "max\n");
        write("groups/system.slice/memory.max", (4L << 30) + "\n");
        write("groups/memory.max", (8L << 30) + "\n");
        assertThat(run("router").said()).contains("-Xmx2048m ");
    }

    @Test
    void versionOneOfControlGroupsCountsToo() throws Exception {
        write("own", "5:cpu,cpuacct:/a\n4:memory:/on/the/host\n0::/\n");
        write("groups/memory/memory.limit_in_bytes", (1L << 30) + "\n");
        assertThat(run("deliverer").said()).contains("-Xmx512m ");
        write("groups/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(run("deliverer").said()).contains("-Xmx1024m ");
    }

    @Test
    void withoutALimitItIsAGibibyteAndAHalf() throws Exception {
        assertThat(run("standalone").said()).contains("-Xmx1024m ").contains("-XX:MaxDirectMemorySize=512m ");
        assertThat(run("ledger").said()).contains("-Xmx512m ");
    }

    @Test
    void aCommandTakesHalfOfASmallLimit() throws Exception {
        write("own", "0::/\n");
        write("groups/memory.max", (256L << 20) + "\n");
        assertThat(run("trace").said()).contains("-Xmx128m ");
    }

    @Test
    void whatIsSaidGoesFirst() throws Exception {
        write("own", "0::/\n");
        write("groups/memory.max", (256L << 20) + "\n");
        assertThat(run("ingress", "POSTROAD_HEAP=100m", "JAVA_OPTS=-XX:MaxDirectMemorySize=32m")
                        .said())
                .contains("-Xmx100m ")
                .matches(".*MaxDirectMemorySize=64m .*MaxDirectMemorySize=32m .*");
    }

    @Test
    void tooLittleIsRefusedInOneLine() throws Exception {
        write("own", "0::/\n");
        write("groups/memory.max", (383L << 20) + "\n");
        Ended ended = run("ingress");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.said())
                .isEqualTo("postroad: a memory limit of 383 MiB is too little: give it 1 GiB, 384 MiB at least\n");
    }

    @Test
    void anUnknownFormatOfTheLogIsRefusedInOneLine() throws Exception {
        assertThat(run("ingress", "POSTROAD_LOG_FORMAT=xml"))
                .isEqualTo(new Ended(2, "postroad: POSTROAD_LOG_FORMAT is xml, and may be text or json\n"));
        assertThat(run("ingress", "POSTROAD_LOG_FORMAT=json").code()).isZero();
    }

    /** So that a container's first process is the JVM, which hears its signals. */
    @Test
    void theJvmTakesThePlaceOfTheScript() throws Exception {
        Process process = start("ingress");
        assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).startsWith(process.pid() + " ");
        process.waitFor();
    }

    private Ended run(String command, String... environment) throws Exception {
        Process process = start(command, environment);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), said);
    }

    private Process start(String command, String... environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        directory.resolve("home/bin/postroad").toString(), command)
                .redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("POSTROAD_HEAP", "JAVA_OPTS"));
        builder.environment().put("JAVA_HOME", directory.resolve("java").toString());
        for (String each : environment) {
            builder.environment().put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        return builder.start();
    }

    private void executable(String name, String text) throws IOException {
        write(name, text);
        assertThat(directory.resolve(name).toFile().setExecutable(true)).isTrue();
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
