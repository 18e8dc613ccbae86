package org.postroad.deploy.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One Java file of the reactor. */
record SourceFile(Path path, String module, boolean isMain, List<String> lines) {

    static List<SourceFile> ofAllModules() {
        Path root = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
        List<SourceFile> files = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.filter(path -> Files.exists(path.resolve("pom.xml")))
                    .toList()) {
                add(module, "main", files);
                add(module, "test", files);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static void add(Path module, String kind, List<SourceFile> files) throws IOException {
        Path sources = module.resolve("src").resolve(kind).resolve("java");
        if (!Files.isDirectory(sources)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(sources)) {
            for (Path path :
                    paths.filter(file -> file.toString().endsWith(".java")).toList()) {
                files.add(new SourceFile(
                        path, module.getFileName().toString(), kind.equals("main"), Files.readAllLines(path)));
            }
        }
    }

    String type() {
        return path.getFileName().toString().replace(".java", "");
    }

    /** The module and the type, without the way between. */
    String name() {
        return module + "/.../" + type();
    }

    /** Methods and constructors of the type and of those within it that have more lines; the format sets them at four or eight. */
    List<String> methodsLongerThan(int most) {
        List<String> found = new ArrayList<>();
        for (String indent : List.of("    ", "        ")) {
            int header = 0;
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.equals(indent + "}")) {
                    boolean isType = lines.get(header).matches(".*\\b(class|record|interface|enum) [A-Z].*");
                    if (!isType && i - header + 1 > most) {
                        found.add(name() + ": " + lines.get(header).strip());
                    }
                } else if (line.startsWith(indent) && line.charAt(indent.length()) != ' ') {
                    header = i;
                }
            }
        }
        return found;
    }

    List<String> linesWith(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean comment = line.strip().startsWith("*")
                    || line.strip().startsWith("//")
                    || line.strip().startsWith("/*");
            boolean counts = !line.startsWith("import ") && (!comment || pattern.contains("TO"));
            if (counts && wanted.matcher(line).find()) {
                found.add(name() + ":" + (i + 1) + ": " + line.strip());
            }
        }
        return found;
    }

    /** Whether its first type is preceded by Javadoc. */
    boolean isDocumented() {
        for (String line : lines) {
            if (line.startsWith("/**")) {
                return true;
            }
            if (line.matches(
                    "(public |final |abstract |sealed |non-sealed )*(class|record|interface|enum|@interface) .*")) {
                return false;
            }
        }
        return true;
    }
}
