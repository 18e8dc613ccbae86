package org.postroad.deploy.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.Right;
import org.postroad.schemas.Rights;
import org.postroad.schemas.Topics;

/** What operators read about rights is what the table in the code says, row by row. */
class RightsTableTest {
    private static final String HEAD = "| who | topics | groups | transactional ids | cluster |";
    private static final Topics TOPICS =
            new Topics("postroad.", Topics.Size.CLUSTER, List.of(Duration.ofSeconds(30)), Duration.ofDays(5));

    @Test
    void theTableOfOperatingIsThatOfTheCode() throws IOException {
        Path root = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
        List<String> lines = Files.readAllLines(root.resolve("docs/OPERATING.md"));
        int head = lines.indexOf(HEAD);
        assertThat(head).as("a table that begins with " + HEAD).isNotNegative();
        List<String> rows = lines.subList(head + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        List<String> expected = new ArrayList<>();
        for (KafkaUser user : KafkaUser.values()) {
            expected.add(row(user));
        }
        assertThat(rows).containsExactlyElementsOf(expected);
    }

    private static String row(KafkaUser user) {
        List<Right> rights = Rights.of(user, TOPICS);
        return "| `" + user.command() + "` | " + cell(rights, ResourceType.TOPIC) + " | "
                + cell(rights, ResourceType.GROUP) + " | " + cell(rights, ResourceType.TRANSACTIONAL_ID) + " | "
                + cell(rights, ResourceType.CLUSTER) + " |";
    }

    /** "Read, Write `control`; Write `inbound`, `content`": resources that need the same are named together. */
    private static String cell(List<Right> rights, ResourceType type) {
        Map<String, Set<String>> operations = new LinkedHashMap<>();
        for (Right right : rights) {
            if (right.on().resourceType() == type) {
                operations
                        .computeIfAbsent(name(right), name -> new LinkedHashSet<>())
                        .add(right.operationText() + (right.optional() ? " (optional)" : ""));
            }
        }
        Map<String, List<String>> names = new LinkedHashMap<>();
        operations.forEach((name, its) -> names.computeIfAbsent(String.join(", ", its), all -> new ArrayList<>())
                .add(name));
        return names.entrySet().stream()
                .map(group -> (group.getKey() + " " + String.join(", ", group.getValue())).strip())
                .collect(Collectors.joining("; "));
    }

    private static String name(Right right) {
        if (right.on().resourceType() == ResourceType.CLUSTER) {
            return "";
        }
        String name = right.on().name().substring("postroad.".length());
        return "`" + name + (right.on().patternType() == PatternType.PREFIXED ? "*" : "") + "`";
    }
}
