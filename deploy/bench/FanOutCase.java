import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Mails of 50 KiB for 50 recipients in 50 domains, each domain with an address of its own: Postfix and Postroad. */
final class FanOutCase implements Case {
    private static final int DOMAINS = 50;
    private static final int OCTETS = 50 << 10;
    private static final int MAILS = 200;

    /** Fewer sessions than elsewhere: each mail is work enough. */
    private static final int SESSIONS = 10;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        Load load = new Load(scene.options.scaled(MAILS), OCTETS, SESSIONS, new Recipients("fan", "" + DOMAINS));
        int port = Scene.port();
        Receiver sink = scene.keep(new Receiver.OwnSink("" + port));
        Sender source = scene.keep(new Sender.OwnSource());
        List<Rounds.Contender> contenders = new ArrayList<>();
        if (scene.has("postfix")) {
            Server postfix = new Postfix(scene, port, String.join("", IntStream.rangeClosed(1, DOMAINS)
                    .mapToObj(domain -> Recipients.domain(domain) + " smtp:[" + address(domain) + "]:" + port + "\n")
                    .toList()));
            contenders.add(new Rounds.Contender("postfix", postfix, load, source, sink));
        }
        if (scene.has("postroad")) {
            Server postroad = new Postroad(scene, routes(DOMAINS, port), "").start().awaitListener();
            contenders.add(new Rounds.Contender("postroad", postroad, load, source, sink));
        }
        Map<String, Row> rows = new Rounds(scene, "fanout").run(contenders);
        rows.values().forEach(row -> row.ratio("x postfix", "delivered/s", rows.get("postfix")));
        return List.copyOf(rows.values());
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
