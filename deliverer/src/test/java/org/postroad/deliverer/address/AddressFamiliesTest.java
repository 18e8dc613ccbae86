package org.postroad.deliverer.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Breakdown.Kind;
import org.postroad.deliverer.smtp.Step;

class AddressFamiliesTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private final AddressFamilies families = new AddressFamilies();

    @ParameterizedTest
    @EnumSource(names = {"IPV4", "IPV6"})
    void aFamilyWithoutARouteGoesLastAfterThreeAddresses(AddressFamily family) {
        for (int i = 0; i < AddressFamilies.WITHOUT_ROUTE; i++) {
            assertThat(avoided(i)).isEqualTo(AddressFamily.ANY);
            families.notOpened(address(family, i), unreachable("cannot connect: Network is unreachable"), i);
        }
        assertThat(avoided(10)).isEqualTo(family);
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection timed out", "timed out while connecting", "cannot connect: Connection refused"})
    void silenceAndRefusalsOfAllCountOnlyWhereTheOtherFamilyWorks(String detail) {
        fail(AddressFamily.IPV6, 10, detail);
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
        families.worked(address(AddressFamily.IPV4, 1));
        fail(AddressFamily.IPV6, 1, detail);
        assertThat(avoided(0)).isEqualTo(AddressFamily.IPV6);
    }

    @Test
    void oneDeadExchangerIsNoFamilysFault() {
        families.worked(address(AddressFamily.IPV4, 1));
        for (int i = 0; i < 100; i++) {
            families.notOpened(address(AddressFamily.IPV6, 1), unreachable("cannot connect: No route to host"), i);
        }
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
    }

    @Test
    void whatWorksBetweenProvesTheWay() {
        for (int i = 0; i < 100; i++) {
            families.worked(address(AddressFamily.IPV4, i));
            fail(AddressFamily.IPV6, AddressFamilies.WITHOUT_ROUTE - 1, "cannot connect: Network is unreachable");
            families.worked(address(AddressFamily.IPV6, i));
        }
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
    }

    /** An exchanger that refused to talk, or has no TLS, was reached. */
    @ParameterizedTest
    @CsvSource({"REFUSED, BANNER", "LOST, BANNER", "TIMEOUT, EHLO", "NO_TLS, HANDSHAKE", "GARBAGE, BANNER"})
    void aConnectionThatBreaksLaterProvesTheWayToo(Kind kind, Step step) {
        fail(AddressFamily.IPV6, AddressFamilies.WITHOUT_ROUTE, "cannot connect: Network is unreachable");
        families.notOpened(address(AddressFamily.IPV6, 1), Breakdown.of(kind, step, "broken"), 0);
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
    }

    @Test
    void connectionsThatWeEndSayNothing() {
        for (int i = 0; i < 100; i++) {
            Breakdown ours = Breakdown.of(Kind.WITHHELD, Step.CONNECT, "this node closes");
            families.notOpened(address(AddressFamily.IPV6, i), ours, 0);
        }
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
    }

    @Test
    void aNetworkThatIsDownIsNoFamilysFault() {
        fail(AddressFamily.IPV6, 10, "cannot connect: Network is unreachable");
        fail(AddressFamily.IPV4, 10, "cannot connect: Network is unreachable");
        assertThat(avoided(0)).isEqualTo(AddressFamily.ANY);
        families.worked(address(AddressFamily.IPV4, 1));
        assertThat(avoided(0)).isEqualTo(AddressFamily.IPV6);
    }

    /** After 1, 2, 4 ... 60 minutes, for one plan each time. */
    @Test
    void aFamilyThatGoesLastIsLookedAtNowAndThen() {
        fail(AddressFamily.IPV6, AddressFamilies.WITHOUT_ROUTE, "cannot connect: Network is unreachable");
        long now = 0;
        for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            now += Duration.ofMinutes(minutes).toNanos();
            assertThat(avoided(now - SECOND)).isEqualTo(AddressFamily.IPV6);
            assertThat(avoided(now)).as("after %d minutes", minutes).isEqualTo(AddressFamily.ANY);
            assertThat(avoided(now)).isEqualTo(AddressFamily.IPV6);
            families.notOpened(address(AddressFamily.IPV6, minutes), unreachable("connection timed out"), now);
        }
        families.worked(address(AddressFamily.IPV6, 1));
        assertThat(avoided(now)).isEqualTo(AddressFamily.ANY);
    }

    @Test
    void noLookIsWastedOnARouteWithoutSuchAddresses() {
        fail(AddressFamily.IPV6, AddressFamilies.WITHOUT_ROUTE, "cannot connect: Network is unreachable");
        long due = AddressFamilies.FIRST_WAIT_NANOS;
        for (int i = 0; i < 3; i++) {
            assertThat(families.avoided(family -> family == AddressFamily.IPV4, due))
                    .isEqualTo(AddressFamily.IPV6);
        }
        assertThat(avoided(due)).isEqualTo(AddressFamily.ANY);
    }

    private AddressFamily avoided(long now) {
        return families.avoided(family -> true, now);
    }

    private void fail(AddressFamily family, int addresses, String detail) {
        for (int i = 0; i < addresses; i++) {
            families.notOpened(address(family, i), unreachable(detail), 0);
        }
    }

    private static Breakdown unreachable(String detail) {
        return Breakdown.of(Kind.UNREACHABLE, Step.CONNECT, detail);
    }

    private static InetAddress address(AddressFamily family, int number) {
        try {
            return InetAddress.getByName(family == AddressFamily.IPV4 ? "198.51.100." + number : "2001:db8::" + number);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
