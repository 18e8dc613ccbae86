package org.postroad.schemas;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Envelopes made from envelopes; what does not change is shared, never copied. */
public final class Envelopes {
    private Envelopes() {}

    /** The same message for some of its recipients. */
    public static Envelope withRecipients(Envelope envelope, List<Recipient> recipients) {
        return copy(
                envelope,
                envelope.getGeneration(),
                envelope.getParent(),
                recipients,
                envelope.getMeta(),
                envelope.getNotBefore(),
                envelope.getExpiry());
    }

    /** Some recipients' mail, to wait until an instant in milliseconds since 1970. */
    public static Envelope waiting(Envelope envelope, List<Recipient> recipients, long notBefore) {
        return copy(
                envelope,
                envelope.getGeneration(),
                envelope.getParent(),
                recipients,
                neverRerouted(envelope.getMeta()),
                notBefore,
                envelope.getExpiry());
    }

    /** Some recipients' mail, to be routed afresh at once; {@link #reroutes} is one more. */
    public static Envelope rerouted(Envelope envelope, List<Recipient> recipients) {
        Map<String, String> meta = new HashMap<>(envelope.getMeta());
        meta.put(Meta.REROUTED, Integer.toString(reroutes(envelope) + 1));
        return copy(
                envelope, envelope.getGeneration(), envelope.getParent(), recipients, meta, 0, envelope.getExpiry());
    }

    /** How often in a row the message was sent back to be routed afresh at once; 0 after any wait. */
    public static int reroutes(Envelope envelope) {
        String count = envelope.getMeta().get(Meta.REROUTED);
        try {
            return count == null ? 0 : Integer.parseInt(count);
        } catch (NumberFormatException foreign) {
            return 1;
        }
    }

    /**
     * The same message, past what operators had wanted held until an instant.
     *
     * @param atMillis when it was decided to let it go on, in milliseconds since 1970
     */
    public static Envelope letPast(Envelope envelope, long atMillis) {
        Map<String, String> meta = new HashMap<>(envelope.getMeta());
        meta.put(Meta.LET_PAST, Long.toString(atMillis));
        return copy(
                envelope,
                envelope.getGeneration(),
                envelope.getParent(),
                envelope.getRecipients(),
                meta,
                envelope.getNotBefore(),
                envelope.getExpiry());
    }

    /** Until when it is past that; 0 for what was never let go on. */
    public static long letPastMillis(Envelope envelope) {
        String at = envelope.getMeta().get(Meta.LET_PAST);
        try {
            return at == null ? 0 : Long.parseLong(at);
        } catch (NumberFormatException foreign) {
            return 0;
        }
    }

    private static Map<String, String> neverRerouted(Map<String, String> meta) {
        if (!meta.containsKey(Meta.REROUTED)) {
            return meta;
        }
        Map<String, String> others = new HashMap<>(meta);
        others.remove(Meta.REROUTED);
        return others;
    }

    /**
     * Some recipients' mail that was held, to be routed afresh at once: what went wrong with it before counts no more. The time before
     * which its sender does not want it to be sent stays.
     */
    public static Envelope released(Envelope envelope, List<Recipient> recipients) {
        List<Recipient> faultless = recipients.stream()
                .map(recipient -> tried(recipient, recipient.getAttempts(), 0, recipient.getLastReply()))
                .toList();
        return waiting(envelope, faultless, FutureRelease.isAskedFor(envelope) ? envelope.getNotBefore() : 0);
    }

    /**
     * Some recipients' mail as if it had just come: untried, and with a lifetime of its own.
     *
     * @param expiry in milliseconds since 1970
     */
    public static Envelope renewed(Envelope envelope, List<Recipient> recipients, long expiry) {
        return copy(
                envelope,
                envelope.getGeneration(),
                envelope.getParent(),
                untried(recipients),
                neverRerouted(envelope.getMeta()),
                0,
                expiry);
    }

    /** The next generation of failed recipients' mail, untried, with a lifetime of its own. */
    public static Envelope replay(Envelope envelope, long expiry) {
        List<Recipient> fresh = untried(envelope.getRecipients());
        Parent parent = new Parent(envelope.getQueueId(), Cause.REPLAY);
        Map<String, String> meta = new HashMap<>(neverRerouted(envelope.getMeta()));
        meta.remove(Meta.LET_PAST); // it is new mail
        return copy(envelope, envelope.getGeneration() + 1, parent, fresh, meta, 0, expiry);
    }

    private static List<Recipient> untried(List<Recipient> recipients) {
        return recipients.stream()
                .map(r -> new Recipient(r.getAddress(), r.getNotify(), r.getOriginalRecipient(), 0, 0, null))
                .toList();
    }

    /** What a report about some recipients needs of their mail: all but its content. */
    public static Envelope withoutContent(Envelope envelope, List<Recipient> recipients) {
        return Envelope.newBuilder(withRecipients(envelope, recipients))
                .setContent(new InlineContent(ByteBuffer.allocate(0)))
                .build();
    }

    /** The recipient after an attempt or a fault. */
    public static Recipient tried(Recipient recipient, int attempts, int faults, @Nullable LastReply reply) {
        return new Recipient(
                recipient.getAddress(),
                recipient.getNotify(),
                recipient.getOriginalRecipient(),
                attempts,
                faults,
                reply);
    }

    /** Octets of the content, wherever it is. */
    public static long contentOctets(Envelope envelope) {
        return envelope.getContent() instanceof ContentRef ref
                ? ref.getSize()
                : ((InlineContent) envelope.getContent()).getOctets().remaining();
    }

    /** What an envelope occupies in memory while it is open, roughly: its octets without referenced content. */
    public static int heldOctets(Envelope envelope) {
        ByteBuffer inline = envelope.getContent() instanceof InlineContent content ? content.getOctets() : null;
        return 512 + envelope.getRecipients().size() * 256 + (inline == null ? 0 : inline.remaining());
    }

    private static Envelope copy(
            Envelope from,
            int generation,
            @Nullable Parent parent,
            List<Recipient> recipients,
            Map<String, String> meta,
            long notBefore,
            long expiry) {
        return new Envelope(
                from.getQueueId(),
                generation,
                parent,
                from.getReversePath(),
                recipients,
                from.getEnvelopeId(),
                from.getRet(),
                from.getBody(),
                from.getSmtpUtf8(),
                from.getReceived(),
                from.getUser(),
                from.getTenant(),
                from.getTrafficClass(),
                meta,
                from.getPrepend(),
                from.getContent(),
                notBefore,
                expiry,
                notBefore == from.getNotBefore()
                        ? from.getRequires()
                        : FutureRelease.requiredAfter(from.getRequires()));
    }
}
