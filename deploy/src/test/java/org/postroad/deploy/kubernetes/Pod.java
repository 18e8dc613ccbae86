package org.postroad.deploy.kubernetes;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The pods that an object of ours makes: they all have one container. */
record Pod(Manifest owner, Manifest template) {
    private static final Map<String, String> TEMPLATES = Map.of(
            "Deployment", "spec.template",
            "StatefulSet", "spec.template",
            "Job", "spec.template",
            "CronJob", "spec.jobTemplate.spec.template");

    static List<Pod> of(List<Manifest> objects) {
        return objects.stream()
                .filter(each -> TEMPLATES.containsKey(each.kind()))
                .map(each -> new Pod(each, each.section(Objects.requireNonNull(TEMPLATES.get(each.kind())))))
                .toList();
    }

    Map<String, Object> labels() {
        return template.map("metadata.labels");
    }

    Manifest spec() {
        return template.section("spec");
    }

    Manifest container() {
        List<Manifest> all = spec().list("containers");
        if (all.size() != 1) {
            throw new IllegalStateException(owner.id() + " has not one container");
        }
        return all.get(0);
    }

    List<Manifest> probes() {
        return Stream.of("startupProbe", "readinessProbe", "livenessProbe")
                .map(container()::section)
                .filter(probe -> !probe.content().isEmpty())
                .toList();
    }

    /** Numbers by name. */
    Map<String, Integer> ports() {
        Map<String, Integer> ports = new TreeMap<>();
        container()
                .list("ports")
                .forEach(port -> ports.put(port.text("name"), Integer.valueOf(port.text("containerPort"))));
        return ports;
    }

    /** Whether a selector of labels means it: matchLabels and the operator In. */
    boolean isMeantBy(Manifest selector) {
        return selector.map("matchLabels").entrySet().stream()
                        .allMatch(each -> each.getValue().equals(labels().get(each.getKey())))
                && selector.list("matchExpressions").stream()
                        .allMatch(each -> each.text("operator").equals("In")
                                && each.texts("values").contains(String.valueOf(labels().get(each.text("key")))));
    }
}
