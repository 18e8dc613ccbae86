package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Recipient;

class CapsFitTest {
    @Test
    void asManyRecipientsAsATransactionTakesFitTheEnvelopeWhateverTheirAddresses() throws java.io.IOException {
        java.io.ByteArrayOutputStream octets = new java.io.ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(octets, null);
        Recipient longest = new Recipient("x".repeat(Caps.ADDRESS_OCTETS), List.of(), null, 0, 0, null);
        new SpecificDatumWriter<>(Recipient.class).write(longest, encoder);
        encoder.flush();
        assertThat(octets.size() * Caps.RECIPIENTS).isLessThanOrEqualTo(Caps.RECIPIENTS_OCTETS);
    }
}
