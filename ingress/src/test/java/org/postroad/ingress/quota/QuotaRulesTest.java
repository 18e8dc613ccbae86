package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaRulesTest {
    private static final QuotaRules RULES = new QuotaRules(
            List.of(
                    of(Subject.USER, List.of("app", "shop-*"), "10/m", "1000/h"),
                    of(Subject.USER, List.of(), "1/h"),
                    of(Subject.TENANT, List.of("acme"), "7/d"),
                    new Quota(Subject.CLIENT, List.of(), List.of(QuotaRulesTest::isHome), List.of(), amounts("5/d")),
                    of(Subject.NETWORK, List.of(), "9/s")),
            user -> user.startsWith("shop-") ? "acme" : user.equals("app") ? "other" : null);

    @ParameterizedTest
    @CsvSource({
        "app, 192.0.2.7, user 10/m; network 9/s, user 1000/h, client 5/d",
        "shop-1, 192.0.2.7, user 10/m; network 9/s, user 1000/h; tenant 7/d, client 5/d",
        "shop, 192.0.2.7, network 9/s, user 1/h, client 5/d",
        ", 192.0.2.7, network 9/s, '', client 5/d",
        ", 198.51.100.1, network 9/s, '', ''",
        ", 2001:db8::1, network 9/s, '', ''",
    })
    void theFirstOfEachKindThatIsForTheSenderHolds(
            @Nullable String user, String address, String rates, String mails, String recipients) throws Exception {
        Sender sender = new One(user, InetAddress.getByName(address));
        assertThat(text(RULES.rates(sender, Counted.MAILS))).isEqualTo(rates);
        assertThat(text(RULES.exact(sender, Counted.MAILS))).isEqualTo(mails);
        assertThat(text(RULES.exact(sender, Counted.RECIPIENTS))).isEqualTo(recipients);
    }

    @Test
    void everythingThatIsCountedApartHasANameOfItsOwn() throws Exception {
        Sender sender = new One("shop-1", InetAddress.getByName("192.0.2.7"));
        assertThat(RULES.exact(sender, Counted.MAILS).stream().map(SenderLimit::key))
                .containsExactly("user mails/h shop-1", "tenant mails/d acme");
        assertThat(RULES.exact(sender, Counted.RECIPIENTS).stream().map(SenderLimit::key))
                .containsExactly("client recipients/d c0000207");
        assertThat(RULES.rates(sender, Counted.MAILS).stream().map(SenderLimit::key))
                .containsExactly("user mails/m shop-1", "network mails/s c00002");
    }

    @Test
    void onlyHoursAndDaysAreExact() {
        assertThat(RULES.anyIsExact()).isTrue();
        assertThat(new QuotaRules(List.of(of(Subject.USER, List.of(), "1/s", "2/m")), user -> null).anyIsExact())
                .isFalse();
        assertThat(new QuotaRules(List.of(), user -> null).areNone()).isTrue();
    }

    private static boolean isHome(InetAddress address) {
        return address.getAddress()[0] == (byte) 192;
    }

    private static Quota of(Subject subject, List<String> names, String... mails) {
        return new Quota(subject, names, List.of(), amounts(mails), List.of());
    }

    private static List<Amount> amounts(String... texts) {
        return List.of(texts).stream().map(Amount::parse).toList();
    }

    private static String text(List<SenderLimit> limits) {
        return String.join(
                "; ",
                limits.stream()
                        .map(limit -> limit.subject().word + " " + limit.amount())
                        .toList());
    }

    private record One(@Nullable String user, InetAddress address) implements Sender {
        @Override
        public ByteBuffer host() {
            return ByteBuffer.wrap(address.getAddress());
        }

        @Override
        public ByteBuffer network() {
            return ByteBuffer.wrap(Arrays.copyOf(address.getAddress(), 3));
        }
    }
}
