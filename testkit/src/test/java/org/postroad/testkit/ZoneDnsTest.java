package org.postroad.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

class ZoneDnsTest {
    private static final String ZONE = """
            $ORIGIN x.test.
            @       MX 10 mx1
            @       MX 20 mx2.y.test.
            mx1     A 127.0.0.1
            mx1     AAAA ::1
            www     CNAME mx1
            away    CNAME gone.y.test.
            $ORIGIN y.test.
            mx2     A 127.0.0.2
            @       TXT "hello"
            """;
    private ZoneDns dns;
    private SimpleResolver resolver;

    @BeforeEach
    void start() throws IOException {
        dns = ZoneDns.start(ZONE + "big TXT " + "\"0123456789012345678901234567890123456789\" ".repeat(40) + "\n");
        resolver = new SimpleResolver(dns.address());
        resolver.setTimeout(Duration.ofSeconds(10));
        resolver.setEDNS(-1);
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    @ParameterizedTest
    @CsvSource({
        "x.test, MX, NOERROR, 2",
        "X.Test, MX, NOERROR, 2",
        "mx1.x.test, AAAA, NOERROR, 1",
        "mx2.y.test, A, NOERROR, 1",
        "www.x.test, A, NOERROR, 2",
        "www.x.test, MX, NOERROR, 1",
        "mx1.x.test, MX, NOERROR, 0",
        "test, MX, NOERROR, 0",
        "nobody.x.test, MX, NXDOMAIN, 0",
        "away.x.test, A, NXDOMAIN, 1",
    })
    void answersFromTheZone(String name, String type, String rcode, int answers) throws IOException {
        Message answer = ask(name, type);
        assertThat(Rcode.string(answer.getRcode())).isEqualTo(rcode);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(answers);
        assertThat(answer.getHeader().getFlag(Flags.RA)).isTrue();
        assertThat(dns.queries(name, type)).isEqualTo(1);
    }

    @Test
    void largeAnswersComeByTcp() throws IOException {
        assertThat(ask("big.y.test", "TXT").getSection(Section.ANSWER)).hasSize(1);
        assertThat(dns.queries("big.y.test", "TXT")).isEqualTo(2);

        resolver.setIgnoreTruncation(true);
        assertThat(ask("big.y.test", "TXT").getHeader().getFlag(Flags.TC)).isTrue();

        resolver.setEDNS(0, 4096, 0);
        assertThat(ask("big.y.test", "TXT").getSection(Section.ANSWER)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "SERVFAIL, SERVFAIL",
        "REFUSED, REFUSED",
        "NOTIMP, NOTIMP",
        "FORMERR, FORMERR",
        "LAME, NOERROR",
        "NXDOMAIN, NXDOMAIN",
        "LATE, NOERROR",
        "TRUNCATED, NOERROR"
    })
    void failsForChosenNames(ZoneFault.Kind kind, String rcode) throws IOException {
        dns.fail("x.test", kind);
        assertThat(Rcode.string(ask("x.test", "MX").getRcode())).isEqualTo(rcode);
        assertThat(Rcode.string(ask("mx1.x.test", "A").getRcode())).isEqualTo("NOERROR");

        dns.heal("x.test");
        assertThat(ask("x.test", "MX").getSection(Section.ANSWER)).hasSize(2);
    }

    @Test
    void canBeSilent() {
        dns.fail("x.test", ZoneFault.Kind.SILENCE);
        resolver.setTimeout(Duration.ofMillis(50));
        assertThatThrownBy(() -> ask("x.test", "MX")).isInstanceOf(IOException.class);
    }

    @Test
    void canGarble() {
        dns.fail("x.test", ZoneFault.Kind.MALFORMED);
        assertThatThrownBy(() -> ask("x.test", "MX")).isInstanceOf(IOException.class);
    }

    @Test
    void theZoneCanBeReplaced() throws IOException {
        dns.replaceZone("z.test. MX 0 .\n");
        assertThat(Rcode.string(ask("x.test", "MX").getRcode())).isEqualTo("NXDOMAIN");
        assertThat(ask("z.test", "MX").getSection(Section.ANSWER).get(0).rdataToString())
                .isEqualTo("0 .");
    }

    private Message ask(String name, String type) throws IOException {
        return resolver.send(
                Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), Type.value(type), DClass.IN)));
    }
}
