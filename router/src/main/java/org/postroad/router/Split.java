package org.postroad.router;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;

/** Divides a message by the canonical domains of its recipients; their order is kept. */
final class Split {
    private Split() {}

    static List<Share> of(Envelope envelope) {
        List<Recipient> recipients = envelope.getRecipients();
        if (recipients.size() == 1) {
            return List.of(new Share(domainOf(recipients.get(0)), envelope));
        }
        Map<String, List<Recipient>> byDomain = new LinkedHashMap<>();
        for (Recipient recipient : recipients) {
            byDomain.computeIfAbsent(domainOf(recipient), d -> new ArrayList<>())
                    .add(recipient);
        }
        List<Share> shares = new ArrayList<>(byDomain.size());
        byDomain.forEach((domain, its) -> addHundreds(shares, domain, envelope, its));
        return shares;
    }

    /** The same recipients in groups of at most 100, whatever their domains. */
    static void addHundreds(List<Share> shares, String domain, Envelope envelope, List<Recipient> recipients) {
        for (int from = 0; from < recipients.size(); from += Caps.DELIVERY_RECIPIENTS) {
            int to = Math.min(from + Caps.DELIVERY_RECIPIENTS, recipients.size());
            shares.add(new Share(domain, Envelopes.withRecipients(envelope, recipients.subList(from, to))));
        }
    }

    /** Empty where the recipient has no domain, which ingress never accepts; others may write to its topic. */
    static String domainOf(Recipient recipient) {
        String domain = canonicalDomainOf(recipient.getAddress());
        return Domain.isWellFormed(domain, true) ? domain : "";
    }

    private static String canonicalDomainOf(String address) {
        if (address.endsWith("]")) {
            // An address literal may itself hold "@": only the grammar knows where the local-part ends.
            Mailbox mailbox = Mailbox.parse(address, true);
            return mailbox == null ? "" : mailbox.canonicalDomain();
        }
        int at = address.lastIndexOf('@');
        return at < 0 ? "" : Domain.canonical(address.substring(at + 1));
    }
}
