package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postroad.deploy.command.CommandTree;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.Topics;

/** What one manifest says of another, or of our code, is so. */
class ManifestsTest {
    private static final Set<String> NODES = Set.of("postroad-ingress", "postroad-router", "postroad-deliverer");

    private static final String OBSERVER = "postroad-observer";

    /** What a process may take to end beside its drain. */
    private static final long END_SECONDS = 30;

    static List<String> overlays() {
        return Manifests.OVERLAYS;
    }

    private static List<Pod> pods(String overlay) throws IOException {
        return Pod.of(Stream.concat(Manifests.of(overlay).stream(), Manifests.jobs().stream())
                .toList());
    }

    /** With the file of an overlay and what the environment of the pod lays over it. */
    private static Configuration configuration(String overlay, Pod pod) {
        Map<String, String> environment = new HashMap<>();
        for (Manifest variable : pod.container().list("env")) {
            String value = variable.text("value");
            if (!variable.text("name").equals("POSTROAD_CONFIG")) {
                environment.put(variable.text("name"), value.isEmpty() ? "secret" : value);
            }
        }
        return Configuration.load(Manifests.settings(overlay), environment);
    }

    private static boolean hasSettings(Pod pod) {
        return pod.container().list("env").stream()
                .anyMatch(each -> each.text("value").equals("/etc/postroad/postroad.yaml"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everySelectorMeansPodsThatAreThere(String overlay) throws IOException {
        List<Pod> pods = pods(overlay);
        for (Manifest object : Manifests.of(overlay)) {
            String path =
                    switch (object.kind()) {
                        case "NetworkPolicy" -> "spec.podSelector";
                        case "PodDisruptionBudget", "PodMonitor", "Deployment", "StatefulSet" -> "spec.selector";
                        default -> "";
                    };
            if (!path.isEmpty()) {
                assertThat(meant(pods, object.section(path))).as(object.id()).isNotEmpty();
            }
            if (object.kind().equals("Service")) {
                assertThat(pods.stream().filter(pod -> isServed(pod, object)))
                        .as(object.id())
                        .isNotEmpty();
            }
            if (object.kind().equals("ScaledObject")) {
                assertThat(Manifests.of(overlay).stream().map(Manifest::id))
                        .contains(object.text("spec.scaleTargetRef.kind") + "/"
                                + object.text("spec.scaleTargetRef.name"));
            }
        }
    }

    private static boolean isServed(Pod pod, Manifest service) {
        return pod.labels().entrySet().containsAll(service.map("spec.selector").entrySet());
    }

    private static List<Pod> meant(List<Pod> pods, Manifest selector) {
        return pods.stream().filter(pod -> pod.isMeantBy(selector)).toList();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aSetOfPodsMeansItsOwnAndIsSpread(String overlay) throws IOException {
        for (Pod pod : pods(overlay)) {
            if (!pod.owner().map("spec.selector").isEmpty()) {
                assertThat(pod.isMeantBy(pod.owner().section("spec.selector")))
                        .as(pod.owner().id())
                        .isTrue();
            }
            assertThat(pod.spec().list("topologySpreadConstraints"))
                    .as(pod.owner().id())
                    .hasSize(NODES.contains(pod.owner().name()) ? 2 : 0)
                    .allMatch(each -> pod.isMeantBy(each.section("labelSelector")));
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyPortThatHasANameIsThere(String overlay) throws IOException {
        List<Pod> pods = pods(overlay);
        for (Manifest object : Manifests.of(overlay)) {
            switch (object.kind()) {
                case "Service" ->
                    pods.stream().filter(pod -> isServed(pod, object)).forEach(pod -> assertThat(pod.ports())
                            .as(object.id())
                            .containsKeys(texts(object.list("spec.ports"), "targetPort")));
                case "PodMonitor" ->
                    meant(pods, object.section("spec.selector")).forEach(pod -> assertThat(pod.ports())
                            .containsKeys(texts(object.list("spec.podMetricsEndpoints"), "port")));
                case "NetworkPolicy" -> {
                    for (Manifest rule : object.list("spec.ingress")) {
                        meant(pods, object.section("spec.podSelector")).forEach(pod -> assertThat(pod.ports())
                                .as(object.id())
                                .containsKeys(texts(rule.list("ports"), "port")));
                    }
                }
                default -> {}
            }
        }
        for (Pod pod : pods) {
            assertThat(pod.probes()).allSatisfy(probe -> assertThat(pod.ports())
                    .containsKey(probe.text("httpGet.port") + probe.text("tcpSocket.port")));
        }
    }

    private static String[] texts(List<Manifest> all, String path) {
        return all.stream().map(each -> each.text(path)).toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void settingsAreTakenAndListenWhereThePortsAre(String overlay) throws IOException {
        for (Pod pod : pods(overlay)) {
            if (!hasSettings(pod)) {
                continue;
            }
            Configuration configuration = configuration(overlay, pod);
            assertThat(configuration.kafka().properties()).containsEntry("ssl.keystore.password", "secret");
            assertThat(configuration.oddHostname()).isNull();
            if (NODES.contains(pod.owner().name()) || pod.owner().name().equals(OBSERVER)) {
                Map<String, Integer> ports = new TreeMap<>(pod.ports());
                assertThat(configuration.metricsAddress().getAddress().isAnyLocalAddress())
                        .isTrue();
                assertThat(ports.remove("metrics"))
                        .isEqualTo(configuration.metricsAddress().getPort());
                assertThat(ports.values())
                        .containsExactlyInAnyOrderElementsOf(
                                listening(pod.owner().name(), configuration));
            }
        }
    }

    private static List<Integer> listening(String role, Configuration configuration) {
        return switch (role) {
            case "postroad-ingress" ->
                configuration.ingress().listeners().stream()
                        .map(listener -> listener.address().getPort())
                        .toList();
            // On loopback nobody reaches it by a port of the pod.
            case OBSERVER ->
                configuration.adminAddress().getAddress().isAnyLocalAddress()
                        ? List.of(configuration.adminAddress().getPort())
                        : List.of();
            default -> List.of();
        };
    }

    /** Whoever it does not know hears nothing from it, and development needs no Secret of its user's. */
    @Test
    void anObserverThatIsReachedHasTokens() throws IOException {
        for (Pod pod : pods("production")) {
            if (pod.owner().name().equals(OBSERVER)) {
                Configuration configuration = configuration("production", pod);
                Path tokens = Objects.requireNonNull(configuration.adminTokensFile());
                assertThat(configuration.adminAddress().getAddress().isAnyLocalAddress())
                        .isTrue();
                assertThat(texts(pod.container().list("volumeMounts"), "mountPath"))
                        .contains(String.valueOf(tokens.getParent()));
                assertThat(pod.spec().list("volumes").stream().map(each -> each.text("secret.secretName")))
                        .contains("postroad-admin");
            }
        }
        assertThat(pods("development"))
                .filteredOn(pod -> pod.owner().name().equals(OBSERVER))
                .singleElement()
                .satisfies(pod -> assertThat(configuration("development", pod)
                                .adminAddress()
                                .getAddress()
                                .isLoopbackAddress())
                        .isTrue());
    }

    /** A file that settings name comes from a volume, and that from a ConfigMap or a Secret. */
    @ParameterizedTest
    @MethodSource("overlays")
    void filesThatSettingsNameAreMounted(String overlay) throws IOException {
        String settings = Files.readString(Manifests.settings(overlay));
        for (Pod pod : pods(overlay)) {
            List<String> volumes = Stream.concat(
                            pod.spec().list("volumes").stream(),
                            pod.owner().list("spec.volumeClaimTemplates").stream()
                                    .map(each -> each.section("metadata")))
                    .map(each -> each.text("name"))
                    .toList();
            List<Manifest> mounts = pod.container().list("volumeMounts");
            assertThat(volumes).containsExactlyInAnyOrder(texts(mounts, "name"));
            Matcher named = Pattern.compile("/run/([a-z-]+)/[a-z0-9.]+").matcher(settings);
            while (hasSettings(pod) && named.find()) {
                boolean ofKafka = named.group(1).startsWith("kafka");
                if (ofKafka || pod.owner().name().equals("postroad-ingress")) {
                    assertThat(texts(mounts, "mountPath")).as(pod.owner().id()).contains("/run/" + named.group(1));
                }
            }
        }
    }

    /** Its own user of Kafka, and nobody else's. */
    @ParameterizedTest
    @MethodSource("overlays")
    void eachComesToKafkaAsItself(String overlay) throws IOException {
        Set<String> users = Manifests.of(overlay).stream()
                .filter(each -> each.kind().equals("KafkaUser"))
                .map(Manifest::name)
                .collect(Collectors.toSet());
        for (Pod pod : pods(overlay)) {
            if (hasSettings(pod)) {
                String name = pod.owner().name().isEmpty()
                        ? pod.owner().text("metadata.generateName").replaceFirst("-$", "")
                        : pod.owner().name();
                assertThat(users).contains(name);
                assertThat(pod.spec().list("volumes").stream().map(each -> each.text("secret.secretName")))
                        .contains(name);
                assertThat(pod.container().list("env").stream().map(each -> each.text("valueFrom.secretKeyRef.name")))
                        .contains(name);
            }
        }
    }

    @Test
    void probesAskForPagesThatThereAre() throws IOException {
        String served = Files.readString(
                Manifests.ROOT.resolve("deploy/src/main/java/org/postroad/deploy/node/Endpoints.java"));
        List<String> asked = new ArrayList<>();
        for (String overlay : Manifests.OVERLAYS) {
            pods(overlay).forEach(pod -> pod.probes().forEach(probe -> asked.add(probe.text("httpGet.path"))));
            Manifests.of(overlay).forEach(each -> each.list("spec.podMetricsEndpoints")
                    .forEach(endpoint -> asked.add(endpoint.text("path"))));
        }
        asked.removeIf(String::isEmpty); // the sink's
        assertThat(asked)
                .contains("/health/live", "/health/ready", "/metrics")
                .allMatch(path -> served.contains("case \"" + path + "\""));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aPodHasTheTimeToDrain(String overlay) throws IOException {
        for (Pod pod : pods(overlay)) {
            if (NODES.contains(pod.owner().name())) {
                Object before = pod.container().at("lifecycle.preStop.sleep.seconds");
                long needed =
                        configuration(overlay, pod).deliverer().drainLimit().toSeconds()
                                + END_SECONDS
                                + (before instanceof Integer seconds ? seconds : 0);
                assertThat(Long.parseLong(pod.spec().text("terminationGracePeriodSeconds")))
                        .as(pod.owner().id())
                        .isBetween(needed, needed + 30);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyCommandLineIsOne(String overlay) throws IOException {
        for (Pod pod : pods(overlay)) {
            String[] args = pod.container().texts("args").toArray(String[]::new);
            CommandTree.of(args).parseArgs(args);
            assertThat(pod.container().at("command"))
                    .as("the image has its own")
                    .isNull();
        }
    }

    /** The profile "restricted" of Kubernetes, and what it does not ask for. */
    @ParameterizedTest
    @MethodSource("overlays")
    void aPodMayDoNothingThatItDoesNotNeed(String overlay) throws IOException {
        for (Pod pod : pods(overlay)) {
            Manifest container = pod.container();
            assertThat(pod.spec().map("securityContext"))
                    .as(pod.owner().id())
                    .containsEntry("runAsNonRoot", true)
                    .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
            assertThat(container.map("securityContext"))
                    .isEqualTo(Map.of(
                            "allowPrivilegeEscalation", false,
                            "readOnlyRootFilesystem", true,
                            "capabilities", Map.of("drop", List.of("ALL"))));
            assertThat(pod.spec().at("automountServiceAccountToken")).isEqualTo(false);
            assertThat(container.text("image")).isEqualTo("postroad:0.1.0");
            assertThat(container.text("resources.limits.memory"))
                    .isNotEmpty()
                    .isEqualTo(container.text("resources.requests.memory"));
            assertThat(container.text("resources.requests.cpu")).isNotEmpty();
        }
    }

    @Test
    void noSecretStandsInAFile() throws IOException {
        for (Manifest each : Manifests.written()) {
            assertThat(each.kind()).as(each.file()).isNotEqualTo("Secret");
            assertThat(each.map("kafka.properties").keySet())
                    .noneMatch(name -> name.matches(".*(password|jaas|keystore.key).*"));
        }
    }

    @Test
    void noMoreDeliverersThanPartitions() throws IOException {
        Topics topics =
                Configuration.load(Manifests.settings("production"), Map.of()).topics(Topics.Size.CLUSTER);
        assertThat(Manifests.of("production").stream()
                        .filter(each -> each.id().equals("ScaledObject/postroad-deliverer")))
                .singleElement()
                .satisfies(each -> assertThat(each.at("spec.maxReplicaCount"))
                        .isEqualTo(topics.outbound().partitions()));
    }

    /** Each of them is applied by one overlay at least, or by hand, or patches what is. */
    @Test
    void noFileIsForgotten() throws IOException {
        List<String> used = new ArrayList<>();
        for (String overlay : Manifests.OVERLAYS) {
            Manifests.of(overlay).forEach(each -> used.add(each.id()));
        }
        Manifests.jobs().forEach(each -> used.add(each.id()));
        assertThat(Manifests.written().stream()
                        .filter(each -> !Path.of(each.file())
                                .getFileName()
                                .toString()
                                .matches("postroad.yaml|kustomization.yaml|.*\\.test\\.yaml"))
                        .map(Manifest::id))
                .isSubsetOf(used);
    }
}
