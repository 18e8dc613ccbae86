package org.postroad.deliverer.send;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Notify;
import org.postroad.schemas.OriginalRecipient;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Xtext;

/**
 * What a sender wants to hear of its mail, handed on unchanged (RFC 3461 section 5.2.1). Checked again, because what came from Kafka
 * must not end a command early: what would is left out.
 */
final class ReportParameters {
    private ReportParameters() {}

    /** The address as it is, or the path with its parameters where there are some. */
    static String mail(String address, Envelope envelope) {
        Ret ret = envelope.getRet();
        String id = envelope.getEnvelopeId();
        boolean hasId = id != null && !id.isEmpty() && id.length() <= Caps.ENVELOPE_ID_OCTETS && Xtext.isWellFormed(id);
        if (ret == null && !hasId) {
            return address;
        }
        return "<" + address + ">" + (ret == null ? "" : " RET=" + ret.name()) + (hasId ? " ENVID=" + id : "");
    }

    /** The same of a recipient. */
    static String rcpt(String address, Recipient recipient) {
        List<Notify> wanted = recipient.getNotify();
        String original = original(recipient.getOriginalRecipient());
        if (wanted.isEmpty() && original == null) {
            return address;
        }
        String words = wanted.stream().map(Notify::name).collect(Collectors.joining(","));
        return "<" + address + ">" + (words.isEmpty() ? "" : " NOTIFY=" + words)
                + (original == null ? "" : " ORCPT=" + original);
    }

    /** In ASCII, which every exchanger understands (RFC 6533 section 3). */
    private static @Nullable String original(@Nullable String parameter) {
        if (parameter == null || OriginalRecipient.parse(parameter) == null) {
            return null;
        }
        StringBuilder ascii = new StringBuilder(parameter.length());
        parameter
                .codePoints()
                .forEach(c -> ascii.append(c < 0x80 ? Character.toString(c) : String.format("\\x{%04X}", c)));
        return ascii.toString();
    }
}
