package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.Topic;
import org.postroad.schemas.Topics;

/** What Prometheus is asked is there to be asked, and what it alarms for has words for whoever is woken. */
class AlertsTest {
    private static final Pattern METRIC = Pattern.compile("\\bpostroad_[a-z_]+");

    /** Of other exporters: Prometheus itself, and kube-state-metrics. */
    private static final Set<String> OTHERS = Set.of("up", "kube_job_status_failed");

    private final List<Manifest> rules;
    private final List<String> queries = new ArrayList<>();

    AlertsTest() throws IOException {
        List<Manifest> objects = Manifests.of("production");
        rules = objects.stream()
                .flatMap(each -> each.list("spec.groups").stream())
                .flatMap(group -> group.list("rules").stream())
                .toList();
        rules.forEach(rule -> queries.add(rule.text("expr")));
        objects.forEach(
                each -> each.list("spec.triggers").forEach(trigger -> queries.add(trigger.text("metadata.query"))));
    }

    @Test
    void everyMetricIsInTheCode() throws IOException {
        Set<String> made = new TreeSet<>();
        for (String module : List.of("ingress", "router", "deliverer", "deploy")) {
            try (Stream<Path> files = Files.walk(Manifests.ROOT.resolve(module + "/src/main/java"))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    Matcher metric = Pattern.compile("\"(postroad_[a-z_]+)\"").matcher(Files.readString(file));
                    while (metric.find()) {
                        made.add(metric.group(1));
                    }
                }
            }
        }
        Set<String> asked = queries.stream()
                .flatMap(query -> METRIC.matcher(query).results())
                .map(found -> found.group().replaceFirst("_(bucket|sum|count)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(asked).hasSizeGreaterThan(10).isSubsetOf(made);
        assertThat(queries.stream().filter(query -> !query.isEmpty() && !query.contains("postroad_")))
                .allMatch(query -> OTHERS.stream().anyMatch(query::contains));
    }

    @Test
    void everyTopicIsInTheTable() {
        Topics topics =
                Configuration.load(Manifests.settings("production"), Map.of()).topics(Topics.Size.CLUSTER);
        List<String> names = topics.all().stream().map(Topic::name).toList();
        for (String query : queries) {
            Matcher topic = Pattern.compile("topic(=~?)\"([^\"]+)\"").matcher(query);
            while (topic.find()) {
                String[] each = topic.group(1).equals("=")
                        ? new String[] {Pattern.quote(topic.group(2))}
                        : topic.group(2).replace("\\\\", "\\").split("\\|");
                assertThat(each).allMatch(pattern -> names.stream().anyMatch(name -> name.matches(pattern)));
            }
        }
    }

    @Test
    void everyAlertHasARunbookAndNoRunbookIsLeftOver() throws IOException {
        List<String> lines = Files.readAllLines(Manifests.ROOT.resolve("docs/OPERATING.md"));
        int head = lines.indexOf("## Alerts");
        assertThat(head).isNotNegative();
        List<String> runbooks = lines.subList(head + 1, lines.size()).stream()
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `Postroad"))
                .map(line -> line.split("`", -1)[1])
                .toList();
        assertThat(runbooks).containsExactlyElementsOf(names());
        assertThat(rules)
                .allMatch(rule -> !rule.text("annotations.summary").isEmpty()
                        && Set.of("warning", "critical").contains(rule.text("labels.severity")));
    }

    /** promtool runs them: deploy/kubernetes/check. */
    @Test
    void everyAlertHasACase() throws IOException {
        Manifest cases = Manifests.read(Manifests.DIRECTORY.resolve("components/monitoring/alerts.test.yaml"))
                .get(0);
        Set<String> tried = cases.list("tests").stream()
                .flatMap(each -> each.list("alert_rule_test").stream())
                .filter(each -> !each.list("exp_alerts").isEmpty())
                .map(each -> each.text("alertname"))
                .collect(Collectors.toSet());
        assertThat(tried).containsExactlyInAnyOrderElementsOf(names());
    }

    private List<String> names() {
        return rules.stream().map(rule -> rule.text("alert")).toList();
    }
}
