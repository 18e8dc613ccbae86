package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Recipient;

class SplitTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a@example.org               | example.org
                    a@Example.ORG               | example.org
                    a@example.org.              | example.org
                    a@bücher.example            | xn--bcher-kva.example
                    "a@b"@example.org           | example.org
                    a@[192.0.2.1]               | [192.0.2.1]
                    a@[IPv6:2001:DB8::1]        | [ipv6:2001:db8::1]
                    """, quoteCharacter = '\'')
    void readsTheDomainInTheFormThatDnsIsAskedFor(String address, String domain) {
        assertThat(Split.domainOf(Mails.recipient(address))).isEqualTo(domain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postmaster", "a@", "a@.", "a@b\0c.example", "a@b c", "a@[x@y]", "a@\uff20.example"})
    void aRecipientWithoutDomainHasNone(String address) {
        assertThat(Split.domainOf(Mails.recipient(address))).isEmpty();
    }

    @Test
    void oneRecipientSharesItsEnvelope() {
        Envelope envelope = Mails.to("a@example.org");
        assertThat(Split.of(envelope)).containsExactly(new Share("example.org", envelope));
        assertThat(Split.of(envelope).get(0).envelope()).isSameAs(envelope);
    }

    @Test
    void groupsByDomainWhateverItsCase() {
        List<Share> shares = Split.of(Mails.to("a@one.example", "b@two.example", "c@ONE.example"));
        assertThat(shares).extracting(Share::domain).containsExactly("one.example", "two.example");
        assertThat(addresses(shares.get(0))).containsExactly("a@one.example", "c@ONE.example");
    }

    @Test
    void aHundredRecipientsAreTheMostOfOneShare() {
        String[] addresses =
                IntStream.range(0, 201).mapToObj(i -> i + "@one.example").toArray(String[]::new);
        assertThat(Split.of(Mails.to(addresses)))
                .extracting(share -> share.envelope().getRecipients().size())
                .containsExactly(100, 100, 1);
    }

    @Test
    void everyRecipientIsInExactlyOneShareInItsOrder() {
        Random random = new Random(7);
        for (int n = 1; n < 300; n += 13) {
            int domains = 1 + random.nextInt(5);
            List<String> all = IntStream.range(0, n)
                    .mapToObj(i -> i + "@d" + random.nextInt(domains) + ".example")
                    .toList();
            Map<String, List<String>> wanted = new LinkedHashMap<>();
            all.forEach(a -> wanted.computeIfAbsent(a.substring(a.indexOf('@') + 1), d -> new ArrayList<>())
                    .add(a));
            Map<String, List<String>> found = new LinkedHashMap<>();
            Split.of(Mails.to(all.toArray(String[]::new)))
                    .forEach(share -> found.computeIfAbsent(share.domain(), d -> new ArrayList<>())
                            .addAll(addresses(share)));
            assertThat(found).isEqualTo(wanted);
        }
    }

    private static List<String> addresses(Share share) {
        return share.envelope().getRecipients().stream()
                .map(Recipient::getAddress)
                .toList();
    }
}
