package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@b.test",
                "a.b+c@b.test",
                "\"a b\"@b.test",
                "\"a\\\"b@c\"@b.test",
                "a@[192.0.2.1]",
                "a@[255.255.255.255]",
                "a@[IPv6:::1]",
                "a@[IPv6:::ffff:192.0.2.1]",
                "a@[IPv6:0:0:0:0:0:ffff:7f00:1]",
                "a@[ipv6:2001:db8:1:2:3:4:5:6]",
                "a@[IPv6:2001:db8::1]",
                "a_b@under_score.test",
                "A@B.TEST",
                "a@b",
                "user%other@b.test",
                "!#$%&'*+-/=?^_`{|}~@b.test"
            })
    void takesWhatTheGrammarAllows(String text) {
        assertThat(Mailbox.parse(text, false)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "@b.test",
                "a@",
                ".a@b.test",
                "a.@b.test",
                "a..b@b.test",
                "a b@b.test",
                "a@b..test",
                "a@.test",
                "a@-b.test",
                "a@b-.test",
                "a@b.test-",
                "a@b.test.",
                "a@b@c.test",
                "a@b test",
                "a\r\n@b.test",
                "\"a\r\n\"@b.test",
                "\"a@b.test",
                "\"a\"b@b.test",
                "a@[192.0.2.1",
                "a@[]",
                "a@[1 2]",
                "a@[foo]",
                "a@[999.1.1.1]",
                "a@[1.2.3]",
                "a@[1.2.3.4.5]",
                "a@[1.2.3.4.]",
                "a@[2001:db8::1]",
                "a@[IPv6:]",
                "a@[IPv6:zz]",
                "a@[IPv6:1:2:3:4:5:6:7:8:9]",
                "a@[IPv6:1::2::3]",
                "a@[IPv6:fe80::1%lo]",
                "a@[IPv6:192.0.2.1]",
                "a@[IPv6:::ffff:999.1.1.1]",
                "a@[x400:c=de]",
                "a\u0000@b.test",
                "a<b@b.test",
                "\u00e9@b.test",
                "a@b\u00e9.test"
            })
    void refusesTheRest(String text) {
        assertThat(Mailbox.parse(text, false)).isNull();
    }

    @Test
    void takesUtf8WhereItIsAllowed() {
        Mailbox mailbox = Mailbox.parse("jos\u00e9@b\u00fccher.test", true);
        assertThat(mailbox).isNotNull();
        assertThat(mailbox.canonicalDomain()).isEqualTo("xn--bcher-kva.test");
        assertThat(mailbox.needsSmtpUtf8()).isTrue();
        assertThat(Mailbox.parse("a\u0085@b.test", true)).isNull();
        assertThat(Mailbox.parse("a\u2028@b.test", true)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"b\uff03c.test", "b\uff20c.test", "b\u2488c.test\uff0f", "\ud800.test", "-\u00e9.test"})
    void refusesADomainThatIsNoNameOnceItIsAscii(String domain) {
        assertThat(Mailbox.parse("a@" + domain, true)).isNull();
    }

    @Test
    void boundsItsParts() {
        assertThat(Mailbox.parse("a".repeat(255) + "@b.test", false)).isNotNull();
        assertThat(Mailbox.parse("a".repeat(256) + "@b.test", false)).isNull();
        assertThat(Mailbox.parse("a@" + "b".repeat(63) + ".test", false)).isNotNull();
        assertThat(Mailbox.parse("a@" + "b".repeat(64) + ".test", false)).isNull();
        assertThat(Mailbox.parse("a@" + "bcd.".repeat(63) + "tes", false)).isNotNull();
        assertThat(Mailbox.parse("a@" + "bcd.".repeat(63) + "test", false)).isNull();
    }

    @Test
    void oneDomainHasOneCanonicalForm() {
        assertThat(Domain.canonical("B.Test")).isEqualTo("b.test");
        assertThat(Domain.canonical("b.test.")).isEqualTo("b.test");
        assertThat(Domain.canonical("B\u00dcCHER.test")).isEqualTo("xn--bcher-kva.test");
    }
}
