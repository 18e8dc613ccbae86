package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;

class CapsFitTest {
    @ParameterizedTest
    @CsvSource({"10, 0, 1000", "64, 0, 1000", "255, 0, 700", "10, 60, 1000", "255, 500, 380"})
    void asManyRecipientsAsATransactionTakesFitTheEnvelopeWhateverTheyAre(int localPart, int original, int atLeast)
            throws IOException {
        OctetBudget budget =
                new OctetBudget(Long.MAX_VALUE / 8, new IngressMetrics(new CollectorRegistry()).octetsInFlight());
        IngressConfig.Listener listener = IngressConfig.Listener.relay("relay", new InetSocketAddress(0), List.of());
        Transaction transaction = new Transaction(
                new Origin(Admission.of(listener, InetAddress.getLoopbackAddress()), "me", true),
                new Command.Mail("", MailOptions.NONE, null),
                budget);
        String domain = ("d".repeat(63) + ".").repeat(3) + "d".repeat(63);
        RcptOptions options = original == 0
                ? RcptOptions.NONE
                : new RcptOptions(List.of(Notify.SUCCESS, Notify.FAILURE, Notify.DELAY), "x".repeat(original));
        int taken = 0;
        while (transaction.add(new Mailbox(String.format("%0" + localPart + "d", taken), domain), options)
                == Transaction.Added.TAKEN) {
            taken++;
        }
        assertThat(taken).isBetween(atLeast, Caps.RECIPIENTS);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(octets, null);
        SpecificDatumWriter<Recipient> writer = new SpecificDatumWriter<>(Recipient.class);
        for (Recipient recipient : transaction.recipients()) {
            writer.write(recipient, encoder);
        }
        encoder.flush();
        assertThat(octets.size()).isLessThanOrEqualTo(Caps.RECIPIENTS_OCTETS);
    }
}
