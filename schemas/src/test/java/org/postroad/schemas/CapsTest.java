package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CapsTest {
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> envelopes = new Codec<>(Envelope.class, schemas);
    private final Codec<Delivery> deliveries = new Codec<>(Delivery.class, schemas);
    private final Codec<Failure> failures = new Codec<>(Failure.class, schemas);

    @Test
    void anAcceptedEnvelopeAtItsCapsFitsARecord() {
        assertThat(envelopes.encode(Samples.largest(acceptedAtTheCap()))).hasSizeLessThan(Caps.RECORD_OCTETS);
    }

    @Test
    void aDeliveryAtItsCapsFitsARecord() {
        assertThat(deliveries.encode(largestDelivery())).hasSizeLessThan(Caps.RECORD_OCTETS);
    }

    @Test
    void aFailureAtItsCapsFitsARecord() {
        Failure failure = new Failure(
                Samples.largest(Samples.largestTried(Caps.DELIVERY_RECIPIENTS)),
                "d".repeat(255),
                "d".repeat(255),
                FailureReason.EXPIRED,
                Long.MAX_VALUE,
                Samples.octets(Caps.HEADER_BLOCK_OCTETS),
                Samples.largestRequirements());
        assertThat(failures.encode(failure)).hasSizeLessThan(Caps.RECORD_OCTETS);
    }

    /** Of octets that JSON writes as six each. */
    @Test
    void anEventWithMetaAtItsCapFitsARecord() {
        Envelope envelope = Samples.largest(acceptedAtTheCap());
        envelope.put("meta", Map.of("k", "\u0001".repeat(Caps.META_OCTETS - 1)));
        List<String> domains =
                envelope.getRecipients().stream().map(Recipient::getAddress).toList();
        Event event = Event.of(Event.Kind.ACCEPTED, 0, envelope, envelope.getRecipients())
                .with("destinations", domains);
        assertThat(event.toJson()).hasSizeLessThan(Caps.RECORD_OCTETS);
    }

    @Test
    void aReferenceToTheLargestContentFitsARecord() {
        int chunks = 4_097;
        ContentRef ref = new ContentRef(
                new ContentId(new byte[16]),
                Integer.MAX_VALUE,
                LongStream.range(0, chunks).map(i -> Long.MAX_VALUE - i).boxed().toList(),
                Caps.MESSAGE_OCTETS,
                -1);
        Envelope inline = Samples.largest(acceptedAtTheCap());
        Envelope referring = new Envelope(
                inline.getQueueId(),
                inline.getGeneration(),
                inline.getParent(),
                inline.getReversePath(),
                inline.getRecipients(),
                inline.getEnvelopeId(),
                inline.getRet(),
                inline.getBody(),
                inline.getSmtpUtf8(),
                inline.getReceived(),
                inline.getUser(),
                inline.getTenant(),
                inline.getTrafficClass(),
                inline.getMeta(),
                inline.getPrepend(),
                ref,
                inline.getNotBefore(),
                inline.getExpiry(),
                inline.getRequires());
        assertThat(envelopes.encode(referring)).hasSizeLessThan(Caps.RECORD_OCTETS);
    }

    @Test
    void cutsBetweenCharactersOnly() {
        assertThat(Caps.cut("abc", 3)).isEqualTo("abc");
        assertThat(Caps.cut("abcd", 3)).isEqualTo("abc");
        assertThat(Caps.cut("a\u00e9\u00e9", 4)).isEqualTo("a\u00e9");
        assertThat(Caps.cut("\ud83d\ude00\ud83d\ude00", 7)).isEqualTo("\ud83d\ude00");
        for (int octets = 0; octets < 40; octets++) {
            String cut = Caps.cut("x\u00e9\u20ac\ud83d\ude00".repeat(4), octets);
            assertThat(cut.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(octets);
            assertThat(new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                    .isEqualTo(cut);
        }
    }

    private static Delivery largestDelivery() {
        String host = "h".repeat(255);
        List<Exchanger> exchangers = IntStream.range(0, Caps.EXCHANGERS)
                .mapToObj(i -> new Exchanger(host, 65_535, 65_535, TlsPolicy.OPPORTUNISTIC))
                .toList();
        return new Delivery(
                Samples.largest(Samples.largestTried(Caps.DELIVERY_RECIPIENTS)),
                "d".repeat(255),
                "d".repeat(255),
                Integer.MAX_VALUE,
                new Route(RouteKind.MX, exchangers, "w".repeat(Caps.REPLY_TEXT_OCTETS), Samples.largestRequirements()),
                Long.MAX_VALUE);
    }

    /** As many recipients, with as much ORCPT, as ingress accepts: the octets cap binds before the count. */
    private static List<Recipient> acceptedAtTheCap() {
        List<Recipient> recipients = new ArrayList<>();
        int octets = 0;
        while (recipients.size() < Caps.RECIPIENTS) {
            Recipient recipient = new Recipient(
                    "a".repeat(Caps.ADDRESS_OCTETS),
                    List.of(Notify.NEVER),
                    "o".repeat(Caps.ORIGINAL_RECIPIENT_OCTETS),
                    0,
                    0,
                    null);
            octets += Caps.ADDRESS_OCTETS + Caps.ORIGINAL_RECIPIENT_OCTETS;
            if (octets > Caps.RECIPIENTS_OCTETS) {
                break;
            }
            recipients.add(recipient);
        }
        assertThat(ByteBuffer.allocate(octets).capacity()).isGreaterThan(Caps.RECIPIENTS_OCTETS);
        return recipients;
    }
}
