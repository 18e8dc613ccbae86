package org.postroad.deploy.kubernetes;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What stands in deploy/kubernetes, put together as kustomize does it, as far as we use that. */
final class Manifests {
    static final Path ROOT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    static final Path DIRECTORY = ROOT.resolve("deploy/kubernetes");
    static final List<String> OVERLAYS = List.of("development", "production");

    private Manifests() {}

    /** All objects of a file. */
    static List<Manifest> read(Path file) throws IOException {
        List<Manifest> all = new ArrayList<>();
        try (Reader in = Files.newBufferedReader(file)) {
            for (Object each : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(in)) {
                all.add(new Manifest(ROOT.relativize(file.toAbsolutePath()).toString(), Manifest.map(each)));
            }
        }
        return all;
    }

    /** Every object of every file but those that kustomize itself reads, patches among them. */
    static List<Manifest> written() throws IOException {
        List<Manifest> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                all.addAll(read(file));
            }
        }
        return all;
    }

    /** What would be applied for an overlay. */
    static List<Manifest> of(String overlay) throws IOException {
        Map<String, Manifest> all = new LinkedHashMap<>();
        add(DIRECTORY.resolve("overlays").resolve(overlay), all);
        return List.copyOf(all.values());
    }

    private static void add(Path place, Map<String, Manifest> all) throws IOException {
        if (!Files.isDirectory(place)) {
            for (Manifest each : read(place)) {
                all.put(each.id(), each);
            }
            return;
        }
        Manifest own = read(place.resolve("kustomization.yaml")).get(0);
        for (String list : List.of("resources", "components")) {
            for (String path : own.texts(list)) {
                add(place.resolve(path).normalize(), all);
            }
        }
        for (Manifest patch : own.list("patches")) {
            if (!patch.text("path").isEmpty()) {
                for (Manifest each : read(place.resolve(patch.text("path")))) {
                    all.merge(each.id(), each, Manifest::patched);
                }
            }
        }
    }

    /** The file of settings that an overlay gives to all roles. */
    static Path settings(String overlay) {
        return DIRECTORY.resolve("overlays").resolve(overlay).resolve("postroad.yaml");
    }

    /** What is run by hand. */
    static List<Manifest> jobs() throws IOException {
        return written().stream().filter(each -> each.file().contains("/jobs/")).toList();
    }
}
