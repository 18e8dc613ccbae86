package org.postroad.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Nearly idle, one mail at a time: from the 250 at the source to the final dot at the receiver, both in this JVM. */
final class LatencyCase implements Case {
    private static final int OCTETS = 4 << 10;
    private static final int MAILS = 200;
    private static final int PAUSE_MILLIS = 100;

    /** Of each warm-up round: enough that the JVM has compiled what is hot in a server that has been up for a day. */
    private static final int WARM_UP_MAILS = 4_000;

    /** Paced mails before those that count. */
    private static final int FIRST = 20;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        int port = Scene.port();
        Map<Long, Long> arrivedAt = new ConcurrentHashMap<>();
        Sink sink = scene.keep(new Sink());
        sink.listen(port, 0, null, (rcpt, at) -> arrivedAt.putIfAbsent(number(rcpt), at));
        Source source = scene.keep(new Source());
        List<Server> servers = new ArrayList<>();
        if (scene.has("postfix")) {
            servers.add(new Postfix(scene, port, true, ""));
        }
        if (scene.has("postroad")) {
            servers.add(new Postroad(scene, List.of(Postroad.route("*", "127.0.0.1", port, "")), "")
                    .start()
                    .awaitListener());
        }
        List<Row> rows = new ArrayList<>();
        for (Server server : servers) {
            for (int round = 1; round <= scene.options.warmUp(); round++) {
                scene.progress.say("%s, warm-up %d of %d".formatted(server.name(), round, scene.options.warmUp()));
                Paced load = new Paced(scene.options.scaled(WARM_UP_MAILS), 0);
                send(source, server, load, scene.options.sessions(), arrivedAt);
            }
            Paced paced = new Paced(FIRST + scene.options.scaled(MAILS), PAUSE_MILLIS);
            scene.progress.say("%s, %d mails, one every %d ms".formatted(server.name(), paced.mails, PAUSE_MILLIS));
            send(source, server, paced, 1, arrivedAt);
            rows.add(row(server, paced, arrivedAt));
        }
        return rows;
    }

    private static void send(Source source, Server server, Paced load, int sessions, Map<Long, Long> arrivedAt)
            throws Exception {
        arrivedAt.clear();
        source.open(server.port(), new Load(load.mails, OCTETS, sessions, new Recipients("number", "one.test")), load);
        load.done.get(120, TimeUnit.SECONDS);
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (arrivedAt.size() < load.mails) {
            if (System.nanoTime() > limit) {
                throw new IllegalStateException(server.name() + " delivered " + arrivedAt.size() + " of " + load.mails);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        TimeUnit.MILLISECONDS.sleep(200); // what is behind the last arrival belongs to this load
    }

    private static Row row(Server server, Paced load, Map<Long, Long> arrivedAt) {
        double[] millis = load.acceptedAt.entrySet().stream()
                .filter(mail -> mail.getKey() >= FIRST)
                .mapToDouble(mail -> (arrivedAt.getOrDefault(mail.getKey(), 0L) - mail.getValue()) / 1e6)
                .sorted()
                .toArray();
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("mails", millis.length);
        figures.put("median ms", millis[millis.length / 2]);
        figures.put("p99 ms", millis[(int) Math.ceil(millis.length * 0.99) - 1]);
        figures.put("max ms", millis[millis.length - 1]);
        figures.put("all ms", Arrays.copyOf(millis, millis.length));
        return new Row("latency", server.name(), figures);
    }

    private static long number(String rcpt) {
        return Long.parseLong(rcpt.substring(rcpt.indexOf('<') + 1, rcpt.indexOf('@')));
    }

    /** Mails with a pause between them, and when each had its 250; confined to the source's loop until it is done. */
    private static final class Paced implements Supply {
        final int mails;
        final CompletableFuture<Void> done = new CompletableFuture<>();
        final Map<Long, Long> acceptedAt = new HashMap<>();
        private final long pauseMillis;
        private long given;

        Paced(int mails, long pauseMillis) {
            this.mails = mails;
            this.pauseMillis = pauseMillis;
        }

        @Override
        public long next() {
            return given < mails ? given++ : -1;
        }

        @Override
        public long pauseMillis() {
            return pauseMillis;
        }

        @Override
        public void accepted(long mail) {
            acceptedAt.put(mail, System.nanoTime());
            if (acceptedAt.size() == mails) {
                done.complete(null);
            }
        }

        @Override
        public void failed(String why) {
            done.completeExceptionally(new IllegalStateException(why));
        }
    }
}
