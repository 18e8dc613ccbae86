package org.postroad.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postroad.deploy.settings.DefaultFile;
import org.postroad.deploy.settings.KeyTable;
import org.postroad.deploy.settings.Reading;
import org.postroad.deploy.settings.ShownYaml;

/** The default file and the table of OPERATING say what the declarations say; with -Dregenerate they are made to. */
class DocumentedKeysTest {
    private static final Path ROOT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    private static final Path OPERATING = ROOT.resolve("docs/OPERATING.md");
    private static final Path DEFAULT_FILE = ROOT.resolve("deploy/src/main/dist/etc/postroad.yaml");
    private static final String HOW = "made anew by: mvn -Dquick -pl deploy -am test -Dtest=DocumentedKeysTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate";

    private final List<String> table = KeyTable.of(Configuration.described());
    private final List<String> defaults = DefaultFile.of(Configuration.described());

    private static void compare(Path file, List<String> wanted) throws IOException {
        if (System.getProperty("regenerate") != null) {
            Files.write(file, wanted);
        }
        assertThat(Files.readAllLines(file)).as("%s, %s", file, HOW).isEqualTo(wanted);
    }

    @Test
    void theTableOfOperating() throws IOException {
        List<String> lines = Files.readAllLines(OPERATING);
        int head = lines.indexOf(table.get(0));
        assertThat(head).as("a table that begins with " + table.get(0)).isNotNegative();
        int end = head;
        while (end < lines.size() && lines.get(end).startsWith("|")) {
            end++;
        }
        List<String> wanted = new ArrayList<>(lines.subList(0, head));
        wanted.addAll(table);
        wanted.addAll(lines.subList(end, lines.size()));
        compare(OPERATING, wanted);
    }

    @Test
    void theDefaultFile() throws IOException {
        compare(DEFAULT_FILE, defaults);
    }

    @Test
    void theDefaultFileAsItIsChangesNothing() {
        assertThat(shown(String.join("\n", defaults))).isEqualTo(shown(""));
    }

    /**
     * Each key of the file with its # deleted is one that is taken, and a fixed default is that of the code. Hooks that are milters
     * have no URL, and certificates of clients need more than defaults.
     */
    @Test
    void everyLineOfTheDefaultFileCanBeSet() {
        List<String> set = defaults.stream()
                .filter(line -> !line.contains("client-ca:"))
                .map(line -> line.replaceFirst("^( *)#(?! )", "$1"))
                .toList();
        String all = shown(String.join("\n", set));
        assertThat(all.replaceAll(" +(http|client-ca): +# default\n", "")).doesNotContain("# default");
        assertThat(all.lines().count())
                .isGreaterThanOrEqualTo(KeyTable.of(Configuration.described()).size() - 2);
    }

    @Test
    void theTableCanBeRead() {
        assertThat(table)
                .allSatisfy(line -> assertThat(line.replace("\\|", "").chars().filter(c -> c == '|'))
                        .as(line)
                        .hasSize(5));
    }

    private static String shown(String yaml) {
        return ShownYaml.of(Configuration.of(Reading.ofText(yaml, "postroad.yaml", Map.of()))
                .shown());
    }
}
