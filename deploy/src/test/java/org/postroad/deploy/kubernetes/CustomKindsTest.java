package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** Each object of a custom kind is what its definition allows, with no field that is not in it. */
class CustomKindsTest {
    private static final Set<String> OF_KUBERNETES = Set.of(
            "v1",
            "apps/v1",
            "batch/v1",
            "policy/v1",
            "networking.k8s.io/v1",
            "kustomize.config.k8s.io/v1beta1",
            "kustomize.config.k8s.io/v1alpha1");

    private final CustomKinds kinds = new CustomKinds();

    CustomKindsTest() throws IOException {}

    @Test
    void everyObjectIsAllowed() throws IOException {
        List<Manifest> custom = objects().stream()
                .filter(each -> !OF_KUBERNETES.contains(each.text("apiVersion")))
                .toList();
        assertThat(custom.stream().map(Manifest::kind).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "Kafka",
                        "KafkaNodePool",
                        "KafkaTopic",
                        "KafkaUser",
                        "ScaledObject",
                        "PodMonitor",
                        "PrometheusRule");
        assertThat(custom).allMatch(kinds::knows);
        assertThat(custom.stream().flatMap(each -> kinds.faults(each).stream())).isEmpty();
    }

    private static List<Manifest> objects() throws IOException {
        return Manifests.written().stream()
                .filter(each ->
                        !each.file().endsWith("/postroad.yaml") && !each.file().endsWith(".test.yaml"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {partition: 3, replicas: 3}                   | KafkaTopic/x.spec: no field partition
            {partitions: three}                           | KafkaTopic/x.spec.partitions: three is not of type integer
            {partitions: 0}                               | KafkaTopic/x.spec.partitions: beyond minimum 1
            {partitions: 3, config: {retention.ms: -1}}   |
            """)
    void whatIsNotAllowedIsNamed(String spec, String fault) {
        Manifest topic = new Manifest(
                "",
                Manifest.map(new Yaml()
                        .<Object>load("{apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, metadata: {name: x}, spec: "
                                + spec + "}")));
        assertThat(kinds.faults(topic)).isEqualTo(fault == null ? List.of() : List.of(fault));
    }

    @Test
    void whatIsMissingOrNoneOfAListIsNamed() {
        Manifest user = new Manifest("", Manifest.map(new Yaml().<Object>load("""
                apiVersion: kafka.strimzi.io/v1
                kind: KafkaUser
                metadata: {name: x}
                spec:
                  authorization:
                    type: simple
                    acls: [{operations: [Look], resource: {name: y}}]
                """)));
        assertThat(kinds.faults(user))
                .hasSize(2)
                .anyMatch(fault -> fault.contains("operations[0]: Look is not one of"))
                .anyMatch(fault -> fault.contains("resource: type is missing"));
    }
}
