package org.postroad.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The same mail to a receiver that offers STARTTLS beside one that does not, with the default policy. */
final class TlsCase implements Case {
    private static final int OCTETS = 4 << 10;
    private static final int MAILS = 20_000;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        int plain = Scene.port();
        int tls = Scene.port();
        Child sink = scene.keep(new Child(Sink.class, List.of("" + plain, tls + ":" + keyStore(scene))));
        Sender source = scene.keep(new Sender.OwnSource());
        List<Contender> contenders = new ArrayList<>();
        if (scene.has("direct")) {
            contenders.add(new Contender(
                    "direct plain",
                    new Server.Direct(plain),
                    load(scene, "plain"),
                    source,
                    new Receiver.Listener(sink, plain)));
        }
        for (Server server : servers(scene, plain, tls)) {
            for (String kind : List.of("plain", "tls")) {
                Receiver receiver = new Receiver.Listener(sink, kind.equals("tls") ? tls : plain);
                contenders.add(new Contender(server.name() + " " + kind, server, load(scene, kind), source, receiver));
            }
        }
        Map<String, Row> rows = new Rounds(scene, "tls").run(contenders);
        for (String system : List.of("postfix", "postroad")) {
            Row overTls = rows.get(system + " tls");
            if (overTls != null) {
                overTls.ratio("x plain", "delivered/s", rows.get(system + " plain"));
            }
        }
        return List.copyOf(rows.values());
    }

    private static Load load(Scene scene, String kind) {
        return new Load(scene.options.scaled(MAILS), OCTETS, scene.options.sessions(), Recipients.one(kind + ".test"));
    }

    private static List<Server> servers(Scene scene, int plain, int tls) throws Exception {
        List<Server> servers = new ArrayList<>();
        if (scene.has("postfix")) {
            servers.add(new Postfix(scene, plain, true, "tls.test smtp:[127.0.0.1]:" + tls + "\n"));
        }
        if (scene.has("postroad")) {
            servers.add(new Postroad(
                            scene,
                            List.of(
                                    Postroad.route("plain.test", "127.0.0.1", plain, ""),
                                    Postroad.route("tls.test", "127.0.0.1", tls, "")),
                            "")
                    .start()
                    .awaitListener());
        }
        return servers;
    }

    private static Path keyStore(Scene scene) throws Exception {
        Path store = scene.directory.resolve("sink.p12");
        Scene.run(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-alias",
                "sink",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "10",
                "-dname",
                "CN=sink.test",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                Sink.PASSWORD);
        return store;
    }
}
