package org.postroad.schemas;

import org.jspecify.annotations.Nullable;

/**
 * Reads a message wherever it waits: as an envelope, or in a delivery that a deliverer put off as it was, because it did not know all
 * that a newer router wrote into it. Safe for all threads.
 */
public final class MailReader {
    private final Codec<Envelope> envelopes;
    private final Codec<Delivery> deliveries;

    public MailReader(KnownSchemas schemas) {
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.deliveries = new Codec<>(Delivery.class, schemas);
    }

    /** Whether it is a delivery that was put off as it was. */
    public boolean isDelivery(byte @Nullable [] octets) {
        return !envelopes.isOne(octets) && deliveries.isOne(octets);
    }

    /**
     * Reads the message; of a delivery its envelope, since what is left of its route is made afresh.
     *
     * @throws UnknownSchemaException if its writer's schema has to be learned first
     * @throws NewerRecordException if it says what this node does not know
     * @throws UndecodableException if it never can be read
     */
    public Envelope decode(byte[] octets) throws UnknownSchemaException, NewerRecordException, UndecodableException {
        return isDelivery(octets) ? deliveries.decode(octets).getEnvelope() : envelopes.decode(octets);
    }

    /** The same of what is known of it, as {@link Codec#decodeWhatIsKnown}. */
    public Envelope decodeWhatIsKnown(byte[] octets) throws UnknownSchemaException, UndecodableException {
        return isDelivery(octets)
                ? deliveries.decodeWhatIsKnown(octets).getEnvelope()
                : envelopes.decodeWhatIsKnown(octets);
    }
}
