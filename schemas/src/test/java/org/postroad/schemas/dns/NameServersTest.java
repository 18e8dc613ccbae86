package org.postroad.schemas.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class NameServersTest {
    private static final String ZONE = """
            x.test. 60 IN MX 10 mx.x.test.
            mx.x.test. 60 IN A 198.51.100.7
            mx.x.test. 60 IN AAAA 2001:db8::7
            mx.x.test. 60 IN MX 10 mx.x.test.
            alias.x.test. 60 IN CNAME mx.x.test.
            text.x.test. 60 IN TXT "nothing else"
            """;

    /** Never reached, however slow the machine is. */
    private static final long PATIENCE_SECONDS = 60;

    private static final Duration TRY = Duration.ofSeconds(1);
    private ZoneDns wrong;
    private ZoneDns well;
    private NameServers servers;

    @BeforeEach
    void start() throws Exception {
        wrong = ZoneDns.start(ZONE);
        well = ZoneDns.start(ZONE);
        servers = NameServers.of(List.of(wrong.address(), well.address()), TRY);
    }

    @AfterEach
    void stop() {
        wrong.close();
        well.close();
    }

    /** Every way to be wrong but two: TRUNCATED and LATE are right in the end. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRUNCATED", "LATE"})
    void everyQuestionIsAnsweredByTheServerThatIsWell(ZoneFault.Kind kind) throws Exception {
        wrong.failAll(kind);
        for (int type : new int[] {Type.MX, Type.A, Type.AAAA}) {
            assertThat(ask("mx.x.test.", type).getSection(Section.ANSWER))
                    .as(Type.string(type))
                    .hasSize(1);
            assertThat(ask("alias.x.test.", type).getSection(Section.ANSWER))
                    .as(Type.string(type))
                    .hasSize(2);
        }
        assertThat(ask("text.x.test.", Type.MX).getSection(Section.AUTHORITY)).hasSize(1);
        assertThat(ask("nobody.x.test.", Type.MX).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        // Only the first question went there, at most twice: by UDP and by TCP.
        assertThat(wrong.queries()).isBetween(1, 2);
    }

    @Test
    void aClosedPortIsNotWaitedFor() throws Exception {
        InetSocketAddress closed;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            closed = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        servers = NameServers.of(List.of(closed, well.address()), Duration.ofSeconds(PATIENCE_SECONDS));
        for (int type : new int[] {Type.MX, Type.A, Type.AAAA}) {
            assertThat(ask("mx.x.test.", type).getSection(Section.ANSWER)).hasSize(1);
        }
    }

    /** A time limit that is never reached: what a server says at once, however wrong, is seen at once. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRUNCATED", "LATE", "SILENCE", "TRUNCATED_THEN_SILENCE"})
    void whatIsSaidAtOnceIsSeenAtOnce(ZoneFault.Kind kind) throws Exception {
        wrong.failAll(kind);
        servers = NameServers.of(List.of(wrong.address(), well.address()), Duration.ofSeconds(2 * PATIENCE_SECONDS));
        assertThat(ask("x.test.", Type.MX).getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void aSilentServerCostsItsTimeLimitOnce() throws Exception {
        wrong.failAll(ZoneFault.Kind.SILENCE);
        List<CompletableFuture<Message>> first = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            first.add(send("mx.x.test.", Type.A)); // all at once, before anything is known
        }
        for (CompletableFuture<Message> one : first) {
            assertThat(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getSection(Section.ANSWER))
                    .hasSize(1);
        }
        int asked = wrong.queries();
        for (int i = 0; i < 100; i++) {
            ask("mx.x.test.", Type.A);
            ask("nobody" + i + ".x.test.", Type.MX);
        }
        assertThat(wrong.queries()).isEqualTo(asked);
    }

    /** A name whose own servers are broken is asked of all, and changes nothing for others. */
    @Test
    void aNameThatNobodyCanAnswerDoesNotBringTheSilentServerBack() throws Exception {
        wrong.failAll(ZoneFault.Kind.SILENCE);
        well.fail("broken.x.test.", ZoneFault.Kind.SERVFAIL);
        ask("x.test.", Type.MX);
        assertThatThrownBy(() -> ask("broken.x.test.", Type.MX))
                .hasMessageContaining(
                        "SERVFAIL from 127.0.0.1:" + well.address().getPort())
                .hasMessageContaining(
                        "no answer in time from 127.0.0.1:" + wrong.address().getPort());
        int asked = wrong.queries();
        ask("x.test.", Type.MX);
        assertThat(wrong.queries()).isEqualTo(asked);
    }

    @Test
    void aNoWithoutProofIsBelievedWhereNobodySaysMore() throws Exception {
        wrong.fail("x.test.", ZoneFault.Kind.EMPTY);
        well.fail("x.test.", ZoneFault.Kind.EMPTY);
        assertThat(ask("x.test.", Type.MX).getRcode()).isEqualTo(Rcode.NOERROR);
        wrong.fail("y.test.", ZoneFault.Kind.NXDOMAIN);
        well.fail("y.test.", ZoneFault.Kind.REFUSED);
        assertThat(ask("y.test.", Type.MX).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    /** Or each name without MX hosts would cost the time limit of a second server that is down. */
    @Test
    void noSilentServerIsWaitedForToConfirmANo() throws Exception {
        well.failAll(ZoneFault.Kind.EMPTY);
        wrong.failAll(ZoneFault.Kind.SILENCE);
        servers = NameServers.of(List.of(well.address(), wrong.address()), TRY);
        ask("x.test.", Type.MX);
        int asked = wrong.queries();
        ask("mx.x.test.", Type.MX);
        assertThat(wrong.queries()).isEqualTo(asked);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 6})
    void allServersButOneMayBeWrong(int count) throws Exception {
        wrong.failAll(ZoneFault.Kind.REFUSED);
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            addresses.add(wrong.address());
        }
        addresses.add(well.address());
        servers = NameServers.of(addresses, TRY);
        assertThat(ask("x.test.", Type.MX).getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void whoCannotWaitLearnsFromWhoCan() throws Exception {
        wrong.failAll(ZoneFault.Kind.SILENCE);
        ask("x.test.", Type.MX);
        int asked = wrong.queries();
        servers = servers.hurried(Duration.ofSeconds(PATIENCE_SECONDS));
        ask("x.test.", Type.MX);
        assertThat(wrong.queries()).isEqualTo(asked);
    }

    /** A no without proof would make a domain without addresses of one whose name server takes a while. */
    @Test
    void inAHurryNoDoubtfulNoIsBelievedWhileAnotherServerIsAtWork() throws Exception {
        wrong.failAll(ZoneFault.Kind.EMPTY);
        well.fail("mx.x.test.", ZoneFault.late(Duration.ofSeconds(1)));
        NameServers patient =
                NameServers.of(List.of(wrong.address(), well.address()), Duration.ofSeconds(PATIENCE_SECONDS));
        servers = patient.hurried(Duration.ofMillis(100));
        assertThatThrownBy(() -> ask("mx.x.test.", Type.A)).hasMessageContaining("no answer in time");
        servers = patient;
        assertThat(ask("mx.x.test.", Type.A).getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void aServerThatRecoversIsAskedWhenItsSuccessorFails() throws Exception {
        wrong.fail("x.test.", ZoneFault.Kind.REFUSED);
        ask("x.test.", Type.MX);
        wrong.heal("x.test.");
        well.failAll(ZoneFault.Kind.SERVFAIL);
        ask("x.test.", Type.MX);
        int asked = well.queries();
        ask("x.test.", Type.MX);
        assertThat(well.queries()).isEqualTo(asked);
    }

    private Message ask(String name, int type) throws Exception {
        return send(name, type).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private CompletableFuture<Message> send(String name, int type) throws Exception {
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
        return servers.sendAsync(query).toCompletableFuture();
    }
}
