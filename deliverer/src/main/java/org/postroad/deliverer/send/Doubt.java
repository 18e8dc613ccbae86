package org.postroad.deliverer.send;

import org.postroad.deliverer.address.AddressPlan;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;

/** Where a message may have arrived before, though no reply said so: it goes there last, and never in another's flight. Pure. */
final class Doubt {
    private Doubt() {}

    static boolean isOf(Envelope envelope) {
        for (Recipient recipient : envelope.getRecipients()) {
            if (InDoubt.isSaidIn(recipient.getLastReply())) {
                return true;
            }
        }
        return false;
    }

    static AddressPlan last(AddressPlan found, Envelope envelope) {
        AddressPlan plan = found;
        for (Recipient recipient : envelope.getRecipients()) {
            LastReply last = recipient.getLastReply();
            if (last != null && last.getExchanger() != null && InDoubt.isOf(last)) {
                plan = plan.avoiding(last.getExchanger());
            }
        }
        return plan;
    }
}
