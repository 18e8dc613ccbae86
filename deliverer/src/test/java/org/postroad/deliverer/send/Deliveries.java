package org.postroad.deliverer.send;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.schemas.Body;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Route;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;

/** Deliveries for tests, each a value that can be changed in one respect. */
record Deliveries(
        Route route,
        List<String> recipients,
        String reversePath,
        Object content,
        Body body,
        boolean smtpUtf8,
        long routedAt,
        long expiry,
        int partition,
        String destination,
        int reroutes) {

    static final String CONTENT = "Subject: post\r\n\r\n.dots\r\n";

    static Deliveries to(Route route, String... recipients) {
        long now = System.currentTimeMillis();
        return new Deliveries(
                route,
                List.of(recipients),
                "alice@sender.test",
                inline(CONTENT),
                Body.SEVEN_BIT,
                false,
                now,
                now + 3_600_000,
                0,
                "example.test",
                0);
    }

    static Object inline(String text) {
        return new InlineContent(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A configured route to ports on loopback, the first preferred. */
    static Route smarthost(TlsPolicy tls, int... ports) {
        List<Exchanger> hosts = Arrays.stream(ports)
                .mapToObj(port -> new Exchanger("127.0.0.1", indexOf(ports, port), port, tls))
                .toList();
        return Routes.configured(hosts);
    }

    static Route smarthost(int... ports) {
        return smarthost(TlsPolicy.OPPORTUNISTIC, ports);
    }

    /** A route found by DNS. */
    static Route exchangers(int port, String... hosts) {
        List<String> names = List.of(hosts);
        return Routes.mx(names.stream()
                .map(host -> new Exchanger(host, names.indexOf(host), port, TlsPolicy.OPPORTUNISTIC))
                .toList());
    }

    private static int indexOf(int[] ports, int port) {
        return Arrays.stream(ports).boxed().toList().indexOf(port);
    }

    Deliveries from(String sender) {
        return new Deliveries(
                route, recipients, sender, content, body, smtpUtf8, routedAt, expiry, partition, destination, reroutes);
    }

    Deliveries with(Object other) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                other,
                body,
                smtpUtf8,
                routedAt,
                expiry,
                partition,
                destination,
                reroutes);
    }

    Deliveries withReference(ContentRef reference) {
        return with(reference);
    }

    Deliveries smtpUtf8(Body declared) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                content,
                declared,
                true,
                routedAt,
                expiry,
                partition,
                destination,
                reroutes);
    }

    Deliveries routedAt(long millis) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                content,
                body,
                smtpUtf8,
                millis,
                expiry,
                partition,
                destination,
                reroutes);
    }

    Deliveries expiring(long millis) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                content,
                body,
                smtpUtf8,
                routedAt,
                millis,
                partition,
                destination,
                reroutes);
    }

    Deliveries on(int other) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                content,
                body,
                smtpUtf8,
                routedAt,
                expiry,
                other,
                destination,
                reroutes);
    }

    Deliveries towards(String other) {
        return new Deliveries(
                route, recipients, reversePath, content, body, smtpUtf8, routedAt, expiry, partition, other, reroutes);
    }

    /** As it comes back from a router so often in a row. */
    Deliveries rerouted(int times) {
        return new Deliveries(
                route,
                recipients,
                reversePath,
                content,
                body,
                smtpUtf8,
                routedAt,
                expiry,
                partition,
                destination,
                times);
    }

    OpenDelivery open(long offset) {
        Reception received = new Reception(routedAt, "relay", "127.0.0.1", "client.test", "ESMTP", "node.test");
        List<Recipient> all = recipients.stream()
                .map(address -> new Recipient(address, List.of(), null, 0, 0, null))
                .toList();
        Envelope envelope = new Envelope(
                "Q" + offset,
                0,
                null,
                reversePath,
                all,
                null,
                null,
                body,
                smtpUtf8,
                received,
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.wrap("Received: by test\r\n".getBytes(StandardCharsets.US_ASCII)),
                content,
                0L,
                expiry,
                null);
        for (int i = 0; i < reroutes; i++) {
            envelope = Envelopes.rerouted(envelope, all);
        }
        Delivery delivery = new Delivery(envelope, destination, destination, 0, route, routedAt);
        return new OpenDelivery(new TopicPartition("outbound", partition), 1, offset, 1_000, delivery);
    }
}
