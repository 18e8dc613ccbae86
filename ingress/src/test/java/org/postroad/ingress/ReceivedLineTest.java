package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Mailbox;

class ReceivedLineTest {
    @ParameterizedTest
    @CsvSource({
        "mail.example, mail.example",
        "[IPv6:::1], [IPv6:::1]",
        "host_1, host_1",
        "a(b)c;d<e>, a?b?c?d?e?",
        "'x\"y\\z', x?y?z",
    })
    void keepsOfAGreetingWhatCannotBeMisread(String greeting, String kept) {
        assertThat(ReceivedLine.harmless(greeting)).isEqualTo(kept);
    }

    @Test
    void aGreetingOfAnyLengthFitsALine() {
        assertThat(ReceivedLine.harmless("x".repeat(5_000))).hasSize(255);
    }

    @Test
    void namesTheProtocolAndAnIpv6Client() throws UnknownHostException {
        Origin origin = new Origin(client("2001:db8::7"), "c.example", false);
        Transaction transaction = new Transaction(origin, new Command.Mail("", MailOptions.NONE, null), budget());
        assertThat(line(transaction))
                .isEqualTo("Received: from c.example ([IPv6:2001:db8::7])\r\n\tby mx with SMTP id Q; date\r\n");
    }

    @Test
    void namesWhatProtectedIt() throws UnknownHostException {
        Admission client = client("192.0.2.7").protectedBy(new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256"));
        Origin origin = new Origin(client, "c", true);
        Transaction transaction = new Transaction(origin, new Command.Mail("", MailOptions.NONE, null), budget());
        assertThat(line(transaction))
                .isEqualTo("Received: from c ([192.0.2.7])\r\n\t(using TLSv1.3 with cipher TLS_AES_128_GCM_SHA256)\r\n"
                        + "\tby mx with ESMTPS id Q; date\r\n");
        assertThat(origin.protocol(true)).isEqualTo("UTF8SMTPS");
    }

    @Test
    void namesTheRecipientOnlyIfThereIsOne() throws UnknownHostException {
        Origin origin = new Origin(client("192.0.2.7"), "c", true);
        Transaction transaction = new Transaction(origin, new Command.Mail("", MailOptions.NONE, null), budget());
        transaction.add(new Mailbox("a", "x"), RcptOptions.NONE);
        assertThat(line(transaction)).contains("for <a@x>");
        transaction.add(new Mailbox("b", "x"), RcptOptions.NONE);
        assertThat(line(transaction)).doesNotContain("for <");
    }

    private static Admission client(String address) throws UnknownHostException {
        IngressConfig.Listener listener = IngressConfig.Listener.relay("relay", new InetSocketAddress(0), List.of());
        return Admission.of(listener, InetAddress.getByName(address));
    }

    private static OctetBudget budget() {
        return new OctetBudget(1_000_000, new IngressMetrics(new CollectorRegistry()).octetsInFlight());
    }

    private static String line(Transaction transaction) {
        return ReceivedLine.of(transaction, "mx", "Q", "date");
    }
}
