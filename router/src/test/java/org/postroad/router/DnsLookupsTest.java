package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;

class DnsLookupsTest {
    private static final String ZONE = """
            $TTL 300
            $ORIGIN x.test.
            @       MX 10 mx1
            @       MX 20 mx2
            one     MX 10 mx1
            null    MX 0 .
            bare    A 127.0.0.1
            alias   CNAME x.test.
            to-bare CNAME bare
            ring    CNAME ring2
            ring2   CNAME ring
            """;
    private ZoneDns dns;
    private DnsLookups lookups;

    @BeforeEach
    void start() throws IOException {
        StringBuilder zone = new StringBuilder(ZONE);
        for (int i = 0; i < 200; i++) {
            zone.append("big MX ")
                    .append(i)
                    .append(" exchanger-number-")
                    .append(i)
                    .append(".x.test.\n");
        }
        dns = ZoneDns.start(zone.toString());
        lookups = DnsLookups.by(List.of(dns.address()), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    @Test
    void findsExchangers() throws Exception {
        assertThat(ask("x.test")).isInstanceOfSatisfying(Hosts.class, hosts -> assertThat(hosts.hosts())
                .containsExactlyInAnyOrder(new MxHost("mx1.x.test", 10), new MxHost("mx2.x.test", 20)));
    }

    @Test
    void followsAnAlias() throws Exception {
        assertThat(ask("alias.x.test")).isInstanceOf(Hosts.class);
    }

    @Test
    void knowsNullMx() throws Exception {
        assertThat(((Hosts) ask("null.x.test")).hosts()).containsExactly(new MxHost("", 0));
    }

    @ParameterizedTest
    @CsvSource({"bare.x.test", "to-bare.x.test"})
    void aNameWithoutMxIsItsOwnExchanger(String name) throws Exception {
        assertThat(ask(name)).isInstanceOf(NameOnly.class);
    }

    @Test
    void tellsAMissingNameFromABareOne() throws Exception {
        assertThat(ask("nobody.x.test")).isInstanceOf(NoSuchName.class);
    }

    @Test
    void aNameThatDnsCannotHoldIsAskedOfNobody() throws Exception {
        for (String name :
                List.of("a..example", "-a.example", "ünpräpariert.example", ("l".repeat(60) + ".").repeat(5))) {
            assertThat(ask(name)).isInstanceOf(NoSuchName.class);
        }
    }

    @Test
    void aRingOfAliasesIsNoAnswer() throws Exception {
        assertThat(ask("ring.x.test")).isInstanceOf(Unanswered.class);
    }

    @ParameterizedTest
    @CsvSource({"SERVFAIL", "REFUSED", "MALFORMED", "LAME"})
    void aServerThatFailsGivesNoAnswerAndIsAskedTwice(ZoneFault.Kind kind) throws Exception {
        lookups = DnsLookups.by(List.of(dns.address()), Duration.ofMillis(300));
        dns.fail("one.x.test.", kind);
        assertThat(ask("one.x.test")).isInstanceOfSatisfying(Unanswered.class, it -> assertThat(it.fault())
                .isFalse());
        assertThat(dns.queries("one.x.test.", "MX")).isEqualTo(2);
    }

    @Test
    void silenceEndsAtItsTimeLimit() throws Exception {
        lookups = DnsLookups.by(List.of(dns.address()), Duration.ofMillis(200));
        dns.fail("one.x.test.", ZoneFault.Kind.SILENCE);
        assertThat(ask("one.x.test")).isInstanceOfSatisfying(Unanswered.class, it -> assertThat(it.detail())
                .contains("no answer in time"));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRUNCATED", "LATE"})
    void asksTheNextServerWhenOneFailsAndThatOneFirstFromThenOn(ZoneFault.Kind kind) throws Exception {
        try (ZoneDns failing = ZoneDns.start(ZONE)) {
            failing.fail("one.x.test.", kind);
            lookups = DnsLookups.by(List.of(failing.address(), dns.address()), Duration.ofSeconds(2));
            assertThat(ask("one.x.test")).isInstanceOf(Hosts.class);
            assertThat(failing.queries("one.x.test.", "MX")).isGreaterThanOrEqualTo(1);
            assertThat(ask("x.test")).isInstanceOf(Hosts.class);
            assertThat(failing.queries("x.test.", "MX")).isZero();
        }
    }

    @Test
    void thousandsOfSilentNamesKeepNoOtherFromItsAnswer() throws Exception {
        List<CompletableFuture<MxAnswer>> silent = new ArrayList<>();
        for (int i = 0; i < RouteBook.SLOW_LOOKUPS; i++) {
            dns.fail("silent" + i + ".x.test.", ZoneFault.Kind.SILENCE);
            silent.add(lookups.exchangersOf("silent" + i + ".x.test").toCompletableFuture());
        }
        for (int i = 0; i < 20; i++) {
            assertThat(ask("x.test")).isInstanceOf(Hosts.class);
        }
        for (CompletableFuture<MxAnswer> one : silent) {
            assertThat(one.get(60, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            Unanswered.class, it -> assertThat(it.detail()).contains("no answer in time"));
        }
        assertThat(ask("x.test")).isInstanceOf(Hosts.class); // and with it the sockets of the others are closed
    }

    @Test
    void anAnswerThatWasCutShortIsAskedForByTcp() throws Exception {
        assertThat(((Hosts) ask("big.x.test")).hosts()).hasSize(200);
        dns.fail("one.x.test.", ZoneFault.Kind.TRUNCATED);
        assertThat(ask("one.x.test")).isInstanceOf(Hosts.class);
    }

    private MxAnswer ask(String domain) throws Exception {
        return lookups.exchangersOf(domain).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
