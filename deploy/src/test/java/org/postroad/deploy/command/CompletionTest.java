package org.postroad.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bash itself offers once it has read the script. */
class CompletionTest {
    @ParameterizedTest
    @CsvSource({
        "repl, replay",
        "policy se, set",
        "replay --fr, --from",
        "queue --li, --list",
        "job --can, --cancel",
        "topics, topics",
    })
    void aWordThatIsBegunIsCompleted(String typed, String offered, @TempDir Path directory) throws Exception {
        Path script = Files.writeString(
                directory.resolve("completion"), Commands.run("completion").out());
        assertThat(offers(script, "postroad " + typed)).contains(offered);
    }

    private static List<String> offers(Path script, String typed) throws IOException, InterruptedException {
        List<String> words = List.of(typed.split(" "));
        String array = words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        String asked = """
                source '%s'
                COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=${#COMP_LINE}
                _complete_postroad
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(script, array, words.size() - 1, typed);
        Process bash = new ProcessBuilder("bash", "--norc", "-c", asked)
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said.lines().map(String::strip).toList();
    }
}
