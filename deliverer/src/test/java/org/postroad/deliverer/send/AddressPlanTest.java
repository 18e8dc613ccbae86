package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;

class AddressPlanTest {
    private final Map<String, AddressBook.Answer> book = Map.of(
            "one", answer("198.51.100.1", "2001:db8::1"),
            "two", answer("198.51.100.2"),
            "three", answer("198.51.100.3"),
            "private", answer("10.0.0.1"),
            "many", answer("198.51.100.11", "198.51.100.12", "198.51.100.13", "198.51.100.14", "198.51.100.15"),
            "none", AddressBook.Answer.NONE,
            "sick", AddressBook.Answer.FAILED);

    @Test
    void theAddressWhereAMessageMayHaveArrivedGoesLast() {
        Endpoint one = endpoint("one.test");
        Endpoint two = endpoint("two.test");
        AddressPlan plan = new AddressPlan(List.of(one, two), 1, false, false);
        assertThat(plan.avoiding(one.label()).endpoints()).containsExactly(two, one);
        assertThat(plan.avoiding(two.label()).endpoints()).containsExactly(one, two);
        AddressPlan only = new AddressPlan(List.of(one), 1, false, false);
        assertThat(only.avoiding(one.label()).endpoints()).containsExactly(one);
    }

    private static Endpoint endpoint(String host) {
        return Endpoint.of(host, java.net.InetAddress.getLoopbackAddress(), 25, TlsPolicy.NONE);
    }

    @Test
    void goesByPreferenceAndSaysHowManyAreEquallyGood() {
        AddressPlan plan = plan(Set.of(), exchanger("two", 20), exchanger("one", 10), exchanger("three", 20));
        assertThat(plan.endpoints().subList(0, 2))
                .allMatch(endpoint -> endpoint.host().equals("one"));
        assertThat(plan.endpoints()).hasSize(4);
        assertThat(plan.preferred()).isEqualTo(2);
        assertThat(plan.prefers(plan.endpoints().get(1))).isTrue();
        assertThat(plan.prefers(plan.endpoints().get(2))).isFalse();
    }

    @Test
    void equalPreferencesAreShuffled() {
        Set<String> firsts = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            AddressPlan plan = plan(Set.of(), new Random(i), exchanger("one", 10), exchanger("two", 10));
            firsts.add(plan.endpoints().get(0).host());
        }
        assertThat(firsts).containsExactly("one", "two");
    }

    @Test
    void bothFamiliesAreAmongTheAddressesOfOneAttempt() {
        List<Exchanger> five = List.of(
                exchanger("a", 10), exchanger("b", 10), exchanger("c", 10), exchanger("d", 10), exchanger("e", 10));
        AddressPlan.Terms terms = new AddressPlan.Terms(25, TlsPolicy.NONE, address -> false, endpoint -> false);
        for (boolean sixFirst : new boolean[] {true, false}) {
            String four = "198.51.100.1";
            String six = "2001:db8::1";
            AddressBook.Answer answer = sixFirst ? answer(six, four) : answer(four, six);
            AddressPlan plan = AddressPlan.of(five, host -> answer, terms, new Random(1));
            assertThat(plan.endpoints()).hasSize(AddressPlan.ADDRESSES);
            assertThat(plan.endpoints().stream()
                            .filter(endpoint -> endpoint.label().contains("2001")))
                    .hasSize(sixFirst ? AddressPlan.ADDRESSES - 1 : 1);
        }
    }

    @Test
    void triesFiveAddressesAndNoHostHidesAnother() {
        AddressPlan plan = plan(Set.of(), exchanger("many", 10), exchanger("two", 10));
        assertThat(plan.endpoints()).hasSize(AddressPlan.ADDRESSES);
        assertThat(plan.endpoints().subList(0, 2)).extracting(Endpoint::host).contains("two", "many");
    }

    @Test
    void deadAddressesGoLast() {
        AddressPlan plan = plan(Set.of("one"), exchanger("one", 10), exchanger("two", 20));
        assertThat(plan.endpoints().get(0).host()).isEqualTo("two");
        assertThat(plan.endpoints()).hasSize(3);
        assertThat(plan.preferred()).isEqualTo(1);
        assertThat(plan(Set.of("two"), exchanger("two", 10)).preferred()).isEqualTo(1);
    }

    @Test
    void remembersWhyThereIsNothing() {
        assertThat(plan(Set.of(), exchanger("none", 1), exchanger("sick", 2)).unresolved())
                .isTrue();
        assertThat(plan(Set.of(), exchanger("none", 1)).unresolved()).isFalse();
        AddressPlan local = plan(Set.of(), exchanger("private", 1));
        assertThat(local.endpoints()).isEmpty();
        assertThat(local.refusedLocal()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.1",
                "::1",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "169.254.1.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "203.0.113.9"
            })
    void refusesLocalAndOwnAddresses(String address) throws UnknownHostException {
        Set<InetAddress> own = Set.of(InetAddress.getByName("203.0.113.9"));
        assertThat(AddressRules.isLocal(InetAddress.getByName(address), own)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "192.167.1.1"})
    void allowsTheRestOfTheWorld(String address) throws UnknownHostException {
        assertThat(AddressRules.isLocal(InetAddress.getByName(address), Set.of()))
                .isFalse();
    }

    private AddressPlan plan(Set<String> dead, Exchanger... exchangers) {
        return plan(dead, new Random(1), exchangers);
    }

    private AddressPlan plan(Set<String> dead, Random random, Exchanger... exchangers) {
        AddressPlan.Terms terms = new AddressPlan.Terms(
                25,
                TlsPolicy.OPPORTUNISTIC,
                address -> AddressRules.isLocal(address, Set.of()),
                endpoint -> dead.contains(endpoint.host()));
        return AddressPlan.of(
                List.of(exchangers), host -> book.getOrDefault(host, AddressBook.Answer.NONE), terms, random);
    }

    private static Exchanger exchanger(String host, int preference) {
        return new Exchanger(host, preference, 0);
    }

    private static AddressBook.Answer answer(String... addresses) {
        List<InetAddress> all = new ArrayList<>();
        for (String address : addresses) {
            try {
                all.add(InetAddress.getByName(address));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return new AddressBook.Answer(all, false, 60);
    }
}
