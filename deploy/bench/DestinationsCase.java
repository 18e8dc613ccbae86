import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A thousand destinations, one of them with half of the mail, beside the same load to one: Postroad. */
record DestinationsCase(String name, boolean slow) implements Case {
    private static final int DESTINATIONS = 1_000;
    private static final int OCTETS = 4 << 10;
    private static final int MAILS = 20_000;
    private static final int DELAY_MILLIS = 50;

    /** What an operator raises for receivers that are this far away: a mail takes four replies, one after the other. */
    private static final String RAISED = "connections: 1000, messages-per-connection: 1000, idle: 10s";

    private static final String DEFAULTS = "connections: 10, messages-per-connection: 50, idle: 5s";

    @Override
    public List<Row> run(Scene scene) throws Exception {
        int port = Scene.port();
        int slowPort = Scene.port();
        Receiver sink = scene.keep(new Receiver.OwnSink("" + port, slowPort + ":" + DELAY_MILLIS));
        Sender source = scene.keep(new Sender.OwnSource());
        List<String> routes = new ArrayList<>(FanOutCase.routes(DESTINATIONS, slow ? slowPort : port));
        routes.add(Postroad.route("one.test", "127.0.0.1", port, ""));
        // The one destination is always measured with the default.
        String limits = slow
                ? "[{destination: one.test, %s}, {destination: \"*\", %s}]".formatted(DEFAULTS, RAISED)
                : "";
        Server postroad = new Postroad(scene, routes, limits).start().awaitListener();
        int mails = scene.options.scaled(MAILS);
        int sessions = scene.options.sessions();
        String many = slow ? "postroad 1,000 slow" : "postroad 1,000";
        Map<String, Row> rows = new Rounds(scene, name).run(List.of(
                new Rounds.Contender("postroad one",
                        postroad, new Load(mails, OCTETS, sessions, Recipients.one("one.test")), source, sink),
                new Rounds.Contender(many,
                        postroad, new Load(mails, OCTETS, sessions, new Recipients("half", "" + DESTINATIONS)), source, sink)));
        rows.get(many).ratio("x one", "delivered/s", rows.get("postroad one"));
        if (slow) {
            rows.get(many).figures().put("limits", RAISED);
        }
        return List.copyOf(rows.values());
    }
}
