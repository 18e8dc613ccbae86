package org.postroad.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Postfix with the configuration in {@code postfix/}, tuned for relaying. */
final class Postfix implements Server {
    private final Path directory;
    private final int port;

    /** Everything to one smarthost, but for what lines of {@code domain transport:[address]:port} say. */
    Postfix(Scene scene, int smarthost, boolean keepConnections, String transports) throws Exception {
        port = Scene.port();
        directory = Files.createDirectories(scene.directory.resolve("postfix"));
        for (String file : List.of("main.cf", "master.cf")) {
            String text = Files.readString(scene.here.resolve("postfix").resolve(file))
                    .replace("@DIR@", directory.toString())
                    .replace("@SINK@", "" + smarthost)
                    .replace("@PORT@", "" + port)
                    .replace("@KEEP@", keepConnections ? "yes" : "no")
                    .replace("@CONCURRENCY@", "" + scene.options.sessions());
            Files.writeString(directory.resolve(file), text);
        }
        Files.writeString(directory.resolve("transport"), transports);
        Scene.run("chmod", "755", directory.toString());
        Scene.run("install", "-d", directory.resolve("queue").toString());
        Scene.run("install", "-d", "-o", "postfix", directory.resolve("data").toString());
        Scene.run("postfix", "-c", directory.toString(), "start");
        scene.keep(this);
        Scene.awaitListener(port, null);
    }

    @Override
    public String name() {
        return "postfix";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            Scene.run("postfix", "-c", directory.toString(), "stop");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
