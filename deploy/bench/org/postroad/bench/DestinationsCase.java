package org.postroad.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A thousand destinations, one of them with half of the mail, beside the same load to one: Postroad. */
record DestinationsCase(String name, boolean slow) implements Case {
    private static final int DESTINATIONS = 1_000;
    private static final int OCTETS = 4 << 10;
    private static final int MAILS = 20_000;
    private static final Recipients ONE = Recipients.one("one.test");
    private static final Recipients MANY = new Recipients("half", "" + DESTINATIONS);
    private static final int DELAY_MILLIS = 50;

    /** What an operator raises for receivers that are this far away: a mail takes four replies, one after the other. */
    private static final String RAISED = "connections: 1000, messages-per-connection: 1000, idle: 10s";

    private static final String DEFAULTS = "connections: 10, messages-per-connection: 50, idle: 5s";

    @Override
    public List<Row> run(Scene scene) throws Exception {
        int onePort = Scene.port();
        int manyPort = Scene.port();
        Child sink = scene.keep(
                new Child(Sink.class, List.of("" + onePort, slow ? manyPort + ":" + DELAY_MILLIS : "" + manyPort)));
        Sender source = scene.keep(new Sender.OwnSource());
        List<String> routes = new ArrayList<>(FanOutCase.routes(DESTINATIONS, manyPort));
        routes.add(Postroad.route("one.test", "127.0.0.1", onePort, ""));
        // The one destination is always measured with the default.
        String limits =
                slow ? "[{destination: one.test, %s}, {destination: \"*\", %s}]".formatted(DEFAULTS, RAISED) : "";
        Server postroad = new Postroad(scene, routes, limits).start().awaitListener();
        String many = slow ? "postroad 1,000 slow" : "postroad 1,000";
        Receiver one = new Receiver.Listener(sink, onePort);
        List<Contender> contenders = new ArrayList<>();
        if (scene.has("direct")) {
            contenders.add(new Contender("direct", new Server.Direct(onePort), load(scene, ONE), source, one));
        }
        contenders.add(new Contender("postroad one", postroad, load(scene, ONE), source, one));
        contenders.add(new Contender(many, postroad, load(scene, MANY), source, new Receiver.Listener(sink, manyPort)));
        Map<String, Row> rows = new Rounds(scene, name).run(contenders);
        Row ofMany = Objects.requireNonNull(rows.get(many));
        ofMany.ratio("x one", "delivered/s", rows.get("postroad one"));
        if (slow) {
            ofMany.figures().put("limits", RAISED);
        }
        return List.copyOf(rows.values());
    }

    private static Load load(Scene scene, Recipients recipients) {
        return new Load(scene.options.scaled(MAILS), OCTETS, scene.options.sessions(), recipients);
    }
}
