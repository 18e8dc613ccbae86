package org.postroad.ingress;

import java.util.ArrayList;
import java.util.List;
import org.postroad.ingress.hook.AskedMail;

/** What hooks are told of a message before its content. */
final class MailForHooks {
    private MailForHooks() {}

    static AskedMail of(Transaction transaction, String hostname, String queueId) {
        Origin origin = transaction.origin();
        Admission client = origin.client();
        List<String> recipients = new ArrayList<>(transaction.recipientCount());
        transaction.recipients().forEach(recipient -> recipients.add(recipient.getAddress()));
        TlsFacts tls = client.tls();
        AskedMail.Client asked = new AskedMail.Client(
                client.listener().name(),
                client.address(),
                client.isTrusted(),
                ReceivedLine.harmless(origin.greeting()),
                tls == null ? null : tls.protocol(),
                tls == null ? null : tls.cipher(),
                client.user());
        return new AskedMail(hostname, queueId, asked, transaction.reversePath(), recipients, transaction.smtpUtf8());
    }
}
