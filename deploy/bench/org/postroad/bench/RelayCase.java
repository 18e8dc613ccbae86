package org.postroad.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Mails of one size to one destination, by Debian's source and sink: direct, Postfix, Postroad. */
record RelayCase(String name) implements Case {
    private static final int OCTETS_PER_ROUND = 256 << 20;
    private static final int MOST_MAILS = 20_000;

    @Override
    public List<Row> run(Scene scene) throws Exception {
        int octets = Integer.parseInt(name.replace("k", "")) << 10;
        int mails = scene.options.scaled(Math.max(500, Math.min(MOST_MAILS, OCTETS_PER_ROUND / octets)));
        Load load = new Load(mails, octets, scene.options.sessions(), Recipients.one("sink.test"));
        int port = Scene.port();
        boolean own = scene.options.ownEnds();
        Receiver sink = own
                ? new Receiver.Listener(scene.keep(new Child(Sink.class, List.of("" + port))), port)
                : scene.keep(new Receiver.SmtpSink(port));
        Sender source = scene.keep(own ? new Sender.OwnSource() : new Sender.SmtpSource());
        List<Contender> contenders = new ArrayList<>();
        for (String system : scene.options.systems()) {
            contenders.add(new Contender(system, server(scene, system, port), load, source, sink));
        }
        Map<String, Row> rows = new Rounds(scene, name).run(contenders);
        rows.values().forEach(row -> {
            row.ratio("accepted x postfix", "accepted/s", rows.get("postfix"));
            row.ratio("x postfix", "delivered/s", rows.get("postfix"));
            row.ratio("x direct", "delivered/s", rows.get("direct"));
        });
        return List.copyOf(rows.values());
    }

    private static Server server(Scene scene, String system, int sink) throws Exception {
        return switch (system) {
            case "postfix" -> new Postfix(scene, sink, true, "");
            case "postroad" ->
                new Postroad(scene, List.of(Postroad.route("*", "127.0.0.1", sink, "none")), "")
                        .start()
                        .awaitListener();
            default -> new Server.Direct(sink);
        };
    }
}
