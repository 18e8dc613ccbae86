package org.postroad.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Where Postroad's processor time and allocations go, from its threads' times and a recording by the JVM itself. */
final class Profile {
    /** When a round was, in milliseconds since 1970. */
    record Window(long from, long to) {
        boolean holds(long at) {
            return from <= at && at <= to;
        }
    }

    /** The rounds of one load: when, what each thread used, how many mails. */
    record Span(List<Window> windows, Map<String, Long> micros, long mails) {}

    private static final int TOP = 10;
    private static final Pattern THREAD = Pattern.compile("(?m)^\"([^\"]+)\".* nid=(0x[0-9a-f]+|[0-9]+)");
    private static final String JCMD = System.getProperty("java.home") + "/bin/jcmd";

    private final Postroad server;
    private final Path file;

    /** Starts recording. */
    Profile(Postroad server, Path directory) throws IOException {
        this.server = server;
        this.file = directory.resolve(server.pid() + ".jfr");
        Scene.run(JCMD, "" + server.pid(), "JFR.configure", "repositorypath=" + directory);
        Scene.run(JCMD, "" + server.pid(), "JFR.start", "name=bench", "settings=profile");
    }

    /** Names of Java threads by the id that Linux gives them. */
    static Map<Long, String> threads(long pid) throws IOException {
        Map<Long, String> names = new HashMap<>();
        Matcher thread = THREAD.matcher(Scene.run(JCMD, "" + pid, "Thread.print"));
        while (thread.find()) {
            names.put(Long.decode(thread.group(2)), thread.group(1));
        }
        return names;
    }

    /** Microseconds of processor and octets allocated, each per mail; methods and sites in percent. */
    Map<String, Object> of(Span span) throws IOException {
        Scene.run(JCMD, "" + server.pid(), "JFR.dump", "name=bench", "filename=" + file);
        Map<String, Double> stages = new HashMap<>();
        Map<String, Double> threads = new HashMap<>();
        span.micros().forEach((thread, micros) -> {
            stages.merge(Stage.of(thread).words, (double) micros / span.mails(), Double::sum);
            threads.put(thread, (double) micros / span.mails());
        });
        Map<String, Double> methods = new HashMap<>();
        Map<String, Double> allocatingThreads = new HashMap<>();
        Map<String, Double> sites = new HashMap<>();
        events(span, (event, frame) -> {
            if (event.getEventType().getName().equals("jdk.ExecutionSample")) {
                methods.merge(name(frame), 1.0, Double::sum);
                return;
            }
            double octets = (double) event.getLong("weight") / span.mails();
            allocatingThreads.merge(thread(event.getThread()), octets, Double::sum);
            sites.merge(
                    event.getClass("objectClass").getName().replaceAll("[+/].*", "") + " in " + site(event),
                    octets,
                    Double::sum);
        });
        double samples =
                methods.values().stream().mapToDouble(Double::doubleValue).sum();
        methods.replaceAll((method, count) -> 100 * count / samples);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("cpu us/mail by stage", top(stages, Integer.MAX_VALUE));
        figures.put("cpu us/mail by thread", top(threads, 25));
        figures.put("hottest methods, % of samples", top(methods, TOP));
        figures.put(
                "octets allocated/mail",
                allocatingThreads.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum());
        figures.put("octets allocated/mail by thread", top(allocatingThreads, TOP + TOP));
        figures.put("octets allocated/mail by site", top(sites, TOP));
        return figures;
    }

    private void events(Span span, BiConsumer<RecordedEvent, RecordedFrame> each) throws IOException {
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                String type = event.getEventType().getName();
                boolean wanted = type.equals("jdk.ExecutionSample") || type.equals("jdk.ObjectAllocationSample");
                if (wanted
                        && event.getStackTrace() != null
                        && !event.getStackTrace().getFrames().isEmpty()) {
                    long at = event.getStartTime().toEpochMilli();
                    if (span.windows().stream().anyMatch(window -> window.holds(at))) {
                        each.accept(event, event.getStackTrace().getFrames().get(0));
                    }
                }
            }
        }
    }

    /** The first frame that is not the JDK's own: who asked for the memory. */
    private static String site(RecordedEvent event) {
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        return frames.stream()
                .map(Profile::name)
                .filter(name -> !name.matches("(java|jdk|sun)\\..*"))
                .findFirst()
                .orElse(name(frames.get(0)));
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static String thread(RecordedThread thread) {
        return thread == null || thread.getJavaName() == null ? "?" : Proc.kind(thread.getJavaName());
    }

    private static Map<String, Object> top(Map<String, Double> values, int most) {
        Map<String, Object> top = new LinkedHashMap<>();
        values.entrySet().stream()
                .filter(entry -> entry.getValue() >= 0.05)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(most)
                .forEach(entry -> top.put(entry.getKey(), entry.getValue()));
        return top;
    }
}
