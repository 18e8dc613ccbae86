package org.postroad.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Side by side in one run: the direct limit, a tuned Postfix, a standalone Postroad with its defaults. */
public final class Bench {
    private final Options options;
    private final Path here;
    private final Path home;
    private final Path work;
    private final Progress progress;
    private final Map<String, Object> report = new LinkedHashMap<>();
    private volatile @Nullable Scene scene;
    private volatile boolean interrupted;

    private Bench(Options options, Path here, Path home, Path work) {
        this.options = options;
        this.here = here;
        this.home = home;
        this.work = work;
        this.progress = new Progress(options.cases().size());
    }

    /** The benchmark's directory, the distribution, a directory to work in and remove; then what the user wrote. */
    public static void main(String[] arguments) throws IOException {
        Path work = Path.of(arguments[2]);
        List<String> words = Arrays.asList(arguments).subList(3, arguments.length);
        if (words.contains("--help") || words.contains("-h")) {
            System.out.print(Options.HELP);
            Scene.delete(work);
            return;
        }
        try {
            Bench bench = new Bench(Options.parse(words), Path.of(arguments[0]), Path.of(arguments[1]), work);
            bench.require();
            Runtime.getRuntime().addShutdownHook(new Thread(bench::end, "end"));
            System.exit(bench.run() ? 0 : 1);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            Scene.delete(work);
            System.exit(2);
        }
    }

    private void require() {
        for (String program : List.of("smtp-source", "smtp-sink", "postfix")) {
            if (Arrays.stream(System.getenv("PATH").split(":"))
                    .noneMatch(path -> Files.isExecutable(Path.of(path, program)))) {
                throw new IllegalArgumentException(program + " is not on the path: install Debian's package postfix");
            }
        }
    }

    /** True when every case ran. */
    private boolean run() throws IOException {
        String header = "%d measured rounds after %d warm-up rounds, medians; %d processors, Java %s%s%s"
                .formatted(
                        options.rounds(),
                        options.warmUp(),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        options.quick() ? "; quick: a tenth of the mail" : "",
                        options.profile() ? "; with a recording running, which costs a little" : "");
        System.out.println(header);
        report.put("run", header);
        boolean whole = true;
        for (String name : options.cases()) {
            progress.begin(name);
            try (Scene current = new Scene(options, progress, here, home, work.resolve(name))) {
                scene = current;
                List<Row> rows = Case.named(name).run(current);
                System.out.println("\n" + Report.table(rows));
                Map<String, Object> systems = new LinkedHashMap<>();
                rows.forEach(row -> systems.put(row.system(), row.figures()));
                report.put(name, systems);
            } catch (Exception e) {
                if (interrupted) {
                    return false;
                }
                whole = false;
                System.out.println("\n" + name + " FAILED: " + e.getMessage());
                report.put(name, Map.of("failed", "" + e.getMessage()));
            }
            if (options.json() != null) {
                Files.writeString(options.json(), Report.json(report));
            }
        }
        return whole;
    }

    private void end() {
        interrupted = true;
        Scene current = scene;
        if (current != null) {
            current.close();
        }
        Scene.delete(work);
    }
}
