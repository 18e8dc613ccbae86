package org.postroad.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Mails of 50 KiB for 50 recipients in 50 domains, each domain with an address of its own: Postfix and Postroad. */
final class FanOutCase implements Case {
    private static final int DOMAINS = 50;
    private static final int OCTETS = 50 << 10;

    /** As many deliveries a round as elsewhere. */
    private static final int MAILS = 400;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        Load load = new Load(
                scene.options.scaled(MAILS), OCTETS, scene.options.sessions(), new Recipients("fan", "" + DOMAINS));
        // A listener for each, so that connections are counted apart.
        Map<String, Integer> ports = Map.of("direct", Scene.port(), "postfix", Scene.port(), "postroad", Scene.port());
        Child sink = scene.keep(new Child(
                Sink.class, ports.values().stream().map(String::valueOf).toList()));
        Sender source = scene.keep(new Sender.OwnSource());
        List<Contender> contenders = new ArrayList<>();
        for (String system : scene.options.systems()) {
            int port = ports.getOrDefault(system, 0);
            contenders.add(new Contender(
                    system, server(scene, system, port), load, source, new Receiver.Listener(sink, port)));
        }
        Map<String, Row> rows = new Rounds(scene, "fanout").run(contenders);
        rows.values().forEach(row -> row.ratio("x postfix", "delivered/s", rows.get("postfix")));
        return List.copyOf(rows.values());
    }

    private static Server server(Scene scene, String system, int port) throws Exception {
        return switch (system) {
            case "postfix" -> new Postfix(scene, port, false, transports(port));
            case "postroad" ->
                new Postroad(scene, routes(DOMAINS, port), "").start().awaitListener();
            default -> new Server.Direct(port); // all recipients in one transaction
        };
    }

    private static String transports(int port) {
        return IntStream.rangeClosed(1, DOMAINS)
                .mapToObj(domain -> Recipients.domain(domain) + " smtp:[" + address(domain) + "]:" + port + "\n")
                .collect(Collectors.joining());
    }

    /** One loopback address per domain, so that no two share a connection or a transaction. */
    static String address(int domain) {
        return "127.0." + (1 + domain / 250) + "." + (1 + domain % 250);
    }

    static List<String> routes(int domains, int port) {
        return IntStream.rangeClosed(1, domains)
                .mapToObj(domain -> Postroad.route(Recipients.domain(domain), address(domain), port, ""))
                .toList();
    }
}
