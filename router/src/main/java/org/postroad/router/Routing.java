package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Reception;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an envelope into all its outputs, as a function of what is known of its domains.
 *
 * <p>An exception nobody foresaw must neither lose the mail nor stop the partition, so it becomes deliveries whose route
 * is that fault: the deliverer tries them again later and in the end holds them.
 */
final class Routing {
    private static final Logger LOG = LoggerFactory.getLogger(Routing.class);
    private static final String NO_DOMAIN = "unknown";

    private final Codec<Delivery> deliveries;
    private final Codec<Envelope> envelopes;

    Routing(KnownSchemas schemas) {
        deliveries = new Codec<>(Delivery.class, schemas);
        envelopes = new Codec<>(Envelope.class, schemas);
    }

    /**
     * @param accepted whether this is the first the road hears of it, which is an event
     * @param known a domain's route, or null where it has to be looked up
     */
    Outputs route(
            Envelope envelope,
            boolean accepted,
            Source from,
            Function<String, @Nullable DomainRoute> known,
            long nowMillis) {
        try {
            return routed(envelope, accepted, from, known, nowMillis);
        } catch (RuntimeException fault) {
            LOG.atError()
                    .addKeyValue("queueId", envelope.getQueueId())
                    .setCause(fault)
                    .log("routing failed in a way nobody foresaw; the deliverer will defer the mail");
            return faulted(envelope, accepted, fault, nowMillis);
        }
    }

    private Outputs routed(
            Envelope envelope,
            boolean accepted,
            Source from,
            Function<String, @Nullable DomainRoute> known,
            long nowMillis) {
        List<Share> shares = Split.of(envelope);
        List<Output> records = new ArrayList<>(shares.size() + 1);
        List<Outputs.Parked> parked = new ArrayList<>(0);
        if (accepted) {
            records.add(accepted(envelope, shares));
        }
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            DomainRoute found = routeOf(share.domain(), known);
            if (found != null) {
                records.add(delivery(share.envelope(), share.domain(), found, nowMillis));
            } else {
                ParkingLot.Place place = ParkingLot.Place.of(share.domain(), from, i);
                parked.add(new Outputs.Parked(place, envelopes.encode(share.envelope())));
            }
        }
        return new Outputs(records, parked);
    }

    /** A fault of one domain is no other domain's. */
    private static @Nullable DomainRoute routeOf(String domain, Function<String, @Nullable DomainRoute> known) {
        try {
            return known.apply(domain);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("domain", domain).setCause(fault).log("a route failed in a way nobody foresaw");
            return DomainRoute.fault(domain, fault.toString());
        }
    }

    private Outputs faulted(Envelope envelope, boolean accepted, RuntimeException fault, long nowMillis) {
        List<Share> shares = new ArrayList<>();
        Split.addHundreds(shares, NO_DOMAIN, envelope, envelope.getRecipients());
        List<Output> records = new ArrayList<>();
        if (accepted) {
            records.add(accepted(envelope, List.of()));
        }
        DomainRoute found = DomainRoute.fault(NO_DOMAIN, fault.toString());
        shares.forEach(share -> records.add(delivery(share.envelope(), NO_DOMAIN, found, nowMillis)));
        return new Outputs(records, List.of());
    }

    Output delivery(Envelope envelope, String domain, DomainRoute found, long nowMillis) {
        Delivery delivery = new Delivery(envelope, domain, found.destination(), 0, found.route(), nowMillis);
        return Output.of(Output.Sink.OUTBOUND, found.key(), deliveries.encode(delivery));
    }

    /** A delivery that a newer router routed, on its way to the deliverers once more, octet by octet as it is. */
    Output passedOn(byte[] octets) throws UndecodableException, UnknownSchemaException {
        Delivery known = deliveries.decodeWhatIsKnown(octets);
        byte[] key = OutboundKey.of(known.getDestination(), known.getShard()).getBytes(UTF_8);
        return Output.of(Output.Sink.OUTBOUND, key, octets);
    }

    /** That a message was accepted which a newer router has to route. */
    static Output accepted(Envelope known) {
        return accepted(known, Split.of(known));
    }

    private static Output accepted(Envelope envelope, List<Share> shares) {
        Reception received = envelope.getReceived();
        Event event = Event.of(Event.Kind.ACCEPTED, received.getAt(), envelope, envelope.getRecipients())
                .with("size", Envelopes.contentOctets(envelope))
                .with("client", received.getClient())
                .with("helo", received.getGreeting())
                .with("protocol", received.getProtocol())
                .with("listener", received.getListener())
                .with("node", received.getNode())
                .with("destinations", domains(shares));
        if (envelope.getUser() != null) {
            event.with("user", envelope.getUser());
        }
        byte[] json = event.toJson();
        return Output.of(Output.Sink.EVENTS, envelope.getQueueId().getBytes(UTF_8), json);
    }

    private static List<String> domains(List<Share> shares) {
        return shares.size() == 1
                ? List.of(shares.get(0).domain())
                : shares.stream().map(Share::domain).distinct().toList();
    }
}
