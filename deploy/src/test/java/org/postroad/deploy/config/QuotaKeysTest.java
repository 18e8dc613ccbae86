package org.postroad.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Reading;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.Network;
import org.postroad.ingress.SenderPattern;
import org.postroad.ingress.quota.Amount;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;

/** Limits of senders and terms of users, as the file has them. */
class QuotaKeysTest {
    @Test
    void aRowSaysForWhomAndHowMuch() {
        IngressConfig ingress = read("""
                ingress:
                  users:
                    - {match: [alice, "shop-*"], tenant: shop, class: bulk}
                    - {match: ["*"], class: normal, senders: [App@Example.org, "*.shop.example"]}
                  quotas:
                    - {for: user, match: ["shop-*"], mails: [10/s, 1000/h], recipients: [5000/d]}
                    - {for: network, from: [10.0.0.0/8], mails: [1/m]}
                """);
        assertThat(ingress.users())
                .containsExactly(
                        new IngressConfig.UserTerms(List.of("alice", "shop-*"), "shop", "bulk", List.of()),
                        new IngressConfig.UserTerms(
                                List.of("*"),
                                null,
                                "normal",
                                List.of(
                                        new SenderPattern("app", "example.org", false),
                                        new SenderPattern(null, "shop.example", true))));
        assertThat(ingress.quotas())
                .containsExactly(
                        new Quota(
                                Subject.USER,
                                List.of("shop-*"),
                                List.of(),
                                List.of(Amount.parse("10/s"), Amount.parse("1000/h")),
                                List.of(Amount.parse("5000/d"))),
                        new Quota(
                                Subject.NETWORK,
                                List.of(),
                                List.of(Network.parse("10.0.0.0/8")),
                                List.of(Amount.parse("1/m")),
                                List.of()));
        assertThat(read("").quotas()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{mails: [1/h]} | for: missing",
                "{for: sender, mails: [1/h]} | one of user, tenant, client, network",
                "{for: user, mails: [1000]} | an amount such as 10/s",
                "{for: user, mails: [0/h]} | an amount such as 10/s",
                "{for: user, mails: [1/h, 2/h]} | amounts of different times",
                "{for: user} | not a limit",
                "{for: user, from: [10.0.0.0/8], mails: [1/h]} | not used for users and tenants",
                "{for: client, match: [a], mails: [1/h]} | not used for clients and networks",
                "{for: client, from: [a], mails: [1/h]} | a network such as",
            })
    void whatMakesNoLimitIsNamed(String row, String said) {
        assertThatThrownBy(() -> read("ingress: {quotas: [" + row + "]}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ingress.quotas[0]")
                .hasMessageContaining(said);
    }

    private static IngressConfig read(String yaml) {
        return Configuration.of(Reading.ofText(yaml, "postroad.yaml", Map.of())).ingress();
    }
}
