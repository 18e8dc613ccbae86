package org.postroad.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** From the process's start to the first 250 for a client that tries every 20 ms, after a clean stop and after kill -9. */
final class StartCase implements Case {
    private static final int TIMES = 3;
    private static final int TRY_MILLIS = 20;

    /** A load that is cut off by the kill. */
    private static final Load LOAD = new Load(200_000, 4 << 10, 50, Recipients.one("one.test"));

    private static final int KILL_AFTER_SECONDS = 5;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        if (!scene.has("postroad")) {
            return List.of();
        }
        int port = Scene.port();
        scene.keep(new Child(Sink.class, List.of("" + port)));
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        int times = scene.options.quick() ? 1 : TIMES;
        for (int time = 1; time <= times; time++) {
            Postroad postroad = new Postroad(scene, List.of(Postroad.route("*", "127.0.0.1", port, "")), "");
            start(scene, "fresh", postroad, seconds);
            postroad.stop();
            start(scene, "after a clean stop", postroad, seconds);
            try (Sender source = new Sender.OwnSource()) {
                source.start(postroad.port(), LOAD);
                TimeUnit.SECONDS.sleep(KILL_AFTER_SECONDS);
                postroad.kill();
            }
            start(scene, "after kill -9", postroad, seconds);
            postroad.kill();
            Scene.delete(postroad.data);
        }
        List<Row> rows = new ArrayList<>();
        seconds.forEach((how, all) -> {
            Map<String, Object> figures = new LinkedHashMap<>();
            double[] each = all.stream().mapToDouble(Double::doubleValue).toArray();
            figures.put("first 250 after s", Rounds.median(each));
            figures.put("each s", each);
            rows.add(new Row("start", how, figures));
        });
        return rows;
    }

    private static void start(Scene scene, String how, Postroad postroad, Map<String, List<Double>> seconds)
            throws Exception {
        long start = System.nanoTime();
        postroad.start();
        while (!accepts(postroad.port())) {
            if (postroad.isDead() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(60)) {
                throw new IllegalStateException("no 250 " + how + (postroad.isDead() ? ": it ended" : " within 60 s"));
            }
            TimeUnit.MILLISECONDS.sleep(TRY_MILLIS);
        }
        double took = (System.nanoTime() - start) / 1e9;
        scene.progress.say("%s: %.2f s".formatted(how, took));
        seconds.computeIfAbsent(how, it -> new ArrayList<>()).add(took);
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            socket.setSoTimeout(10_000);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return hears(in, '2')
                    && says(socket, in, "EHLO source.test", '2')
                    && says(socket, in, "MAIL FROM:<sender@source.test>", '2')
                    && says(socket, in, "RCPT TO:<recipient@one.test>", '2')
                    && says(socket, in, "DATA", '3')
                    && says(socket, in, "Subject: the first\r\n\r\nIs anybody there?\r\n.", '2');
        } catch (IOException notYet) {
            return false;
        }
    }

    private static boolean says(Socket socket, BufferedReader in, String line, char wanted) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return hears(in, wanted);
    }

    private static boolean hears(BufferedReader in, char wanted) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        return line != null && !line.isEmpty() && line.charAt(0) == wanted;
    }
}
