package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may talk to whom is the picture of ARCHITECTURE, arrow by arrow. */
class NetworkPoliciesTest {
    private static final String KAFKA = "> strimzi.io/name=postroad-kafka 9093";
    private static final String NAMES = "> kube-system k8s-app=kube-dns 53, 53";

    @Test
    void inProductionArrowsAreThoseOfThePicture() throws IOException {
        String scraped = "< monitoring metrics";
        Map<String, Set<String>> wanted = new TreeMap<>();
        wanted.put("postroad-ingress", Set.of("< anyone smtp, submission, submissions", scraped, KAFKA, NAMES));
        wanted.put("postroad-router", Set.of(scraped, KAFKA, NAMES));
        wanted.put("postroad-deliverer", Set.of(scraped, KAFKA, NAMES, "> 0.0.0.0/0 25", "> ::/0 25"));
        wanted.put("postroad-observer", Set.of("< postroad.org/asks=observer admin", scraped, KAFKA, NAMES));
        addCommands(wanted);
        assertThat(arrows("production")).isEqualTo(wanted);
    }

    @Test
    void inDevelopmentMailComesFromTheLoadAndGoesToTheSink() throws IOException {
        Map<String, Set<String>> wanted = new TreeMap<>();
        wanted.put("postroad-ingress", Set.of("< anyone smtp", KAFKA, NAMES));
        wanted.put("postroad-router", Set.of(KAFKA, NAMES));
        wanted.put(
                "postroad-deliverer",
                Set.of(KAFKA, NAMES, "> 0.0.0.0/0 25", "> ::/0 25", "> app.kubernetes.io/name=postroad-sink 2526"));
        wanted.put("postroad-load", Set.of(NAMES, "> app.kubernetes.io/name=postroad-ingress 2525"));
        wanted.put("postroad-sink", Set.of(NAMES, "< app.kubernetes.io/name=postroad-deliverer smtp"));
        wanted.put("postroad-observer", Set.of(KAFKA, NAMES));
        addCommands(wanted);
        assertThat(arrows("development")).isEqualTo(wanted);
    }

    private static void addCommands(Map<String, Set<String>> wanted) {
        Stream.of(
                        "ledger",
                        "replay",
                        "topics-check",
                        "topics-create",
                        "trace",
                        "policy-set",
                        "flush",
                        "release",
                        "bounce",
                        "drop")
                .forEach(command -> wanted.put("postroad-" + command, Set.of(KAFKA, NAMES)));
    }

    /** What is not said is not allowed: one policy means all pods, in both directions, and names nobody. */
    @Test
    void whatIsNotAllowedIsRefused() throws IOException {
        for (String overlay : Manifests.OVERLAYS) {
            Manifest nothing = Manifests.of(overlay).stream()
                    .filter(each -> each.id().equals("NetworkPolicy/postroad-nothing-else"))
                    .findFirst()
                    .orElseThrow();
            assertThat(nothing.map("spec").keySet()).containsExactlyInAnyOrder("podSelector", "policyTypes");
            assertThat(nothing.texts("spec.policyTypes")).containsExactly("Ingress", "Egress");
            assertThat(pods(overlay)).allMatch(pod -> pod.isMeantBy(nothing.section("spec.podSelector")));
        }
    }

    /** Strimzi gives the labels of its objects to the brokers, and those have policies of their own. */
    @Test
    void brokersAreNotMeant() throws IOException {
        assertThat(Manifests.written().stream()
                        .filter(each -> each.text("apiVersion").startsWith("kafka.strimzi.io")))
                .isNotEmpty()
                .noneMatch(each -> each.map("metadata.labels").containsKey("app.kubernetes.io/part-of"));
        assertThat(Manifests.written().stream().filter(each -> each.kind().equals("Kustomization")))
                .isNotEmpty()
                .noneMatch(each ->
                        each.content().containsKey("labels") || each.content().containsKey("commonLabels"));
    }

    private static List<Pod> pods(String overlay) throws IOException {
        return Pod.of(Stream.concat(Manifests.of(overlay).stream(), Manifests.jobs().stream())
                .toList());
    }

    private static Map<String, Set<String>> arrows(String overlay) throws IOException {
        Map<String, Set<String>> arrows = new TreeMap<>();
        for (Pod pod : pods(overlay)) {
            Set<String> its = new TreeSet<>();
            for (Manifest policy : Manifests.of(overlay)) {
                if (policy.kind().equals("NetworkPolicy") && pod.isMeantBy(policy.section("spec.podSelector"))) {
                    policy.list("spec.ingress").forEach(rule -> its.addAll(arrows("< ", rule, rule.list("from"))));
                    policy.list("spec.egress").forEach(rule -> its.addAll(arrows("> ", rule, rule.list("to"))));
                }
            }
            arrows.put(String.valueOf(pod.labels().get("app.kubernetes.io/name")), its);
        }
        return arrows;
    }

    private static List<String> arrows(String direction, Manifest rule, List<Manifest> peers) {
        String ports =
                rule.list("ports").stream().map(each -> each.text("port")).collect(Collectors.joining(", "));
        return peers.isEmpty()
                ? List.of(direction + "anyone " + ports)
                : peers.stream()
                        .map(peer -> direction + name(peer) + " " + ports)
                        .toList();
    }

    private static String name(Manifest peer) {
        List<String> words = new ArrayList<>();
        words.add(peer.text("ipBlock.cidr"));
        peer.map("namespaceSelector.matchLabels").values().forEach(each -> words.add(each.toString()));
        peer.map("podSelector.matchLabels").forEach((label, value) -> words.add(label + "=" + value));
        return words.stream().filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }
}
