package org.postroad.deliverer.address;

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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.config.AddressFamily;
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
        AddressPlan plan = new AddressPlan(List.of(one, two), 1, false, false, AddressFamily.ANY);
        assertThat(plan.avoiding(one.label()).endpoints()).containsExactly(two, one);
        assertThat(plan.avoiding(two.label()).endpoints()).containsExactly(one, two);
        AddressPlan only = new AddressPlan(List.of(one), 1, false, false, AddressFamily.ANY);
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
        AddressPlan.Terms terms = terms(AddressFamily.ANY);
        for (boolean sixFirst : new boolean[] {true, false}) {
            String four = "198.51.100.1";
            String six = "2001:db8::1";
            AddressBook.Answer answer = sixFirst ? answer(six, four) : answer(four, six);
            AddressPlan plan = AddressPlan.of(five, host -> answer, terms, new Random(1));
            assertThat(families(plan)).isEqualTo("64646");
            assertThat(plan.endpoints().stream().map(Endpoint::host).distinct()).hasSize(5);
            assertThat(plan.preferred()).isEqualTo(AddressPlan.ADDRESSES);
        }
    }

    /** Hosts by their addresses, in the order of their preference or all of one ("="); the families that are tried, in order. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            = 64          | 64
            = 6           | 6
            = 4           | 4
            = 666444      | 64646
            = 6666664     | 64666
            = 4444446     | 64444
            = 64 64       | 6446
            = 64 64 64 64 64 64 | 64646
            = 6 6 6 6 6 4 | 66664 ! 6
            = 4 4 4 4 4 6 | 44446 ! 4
            64 64 64      | 64646
            666666 4      | 66664
            444444 6      | 44446
            6 4           | 64
            4 6           | 46
            66 44         | 6644
            4 64          | 464
            """)
    void familiesTakeTurnsWithinAPreferenceAndPreferencesAreKept(String hosts, String expected) {
        boolean equal = hosts.startsWith("= ");
        String[] each = hosts.replace("= ", "").split(" ");
        List<Exchanger> exchangers = new ArrayList<>();
        for (int i = 0; i < each.length; i++) {
            exchangers.add(exchanger(i + "-" + each[i], equal ? 10 : 10 * i));
        }
        for (int seed = 0; seed < 20; seed++) {
            AddressPlan plan = AddressPlan.of(
                    exchangers, AddressPlanTest::addressesByName, terms(AddressFamily.ANY), new Random(seed));
            if (expected.contains("!")) { // in whatever order they are shuffled, both are there
                assertThat(families(plan)).contains("4").contains("6").hasSize(AddressPlan.ADDRESSES);
            } else {
                assertThat(families(plan)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            64 64 64 64 64 | IPV6 | 44444
            64 64 64 64 64 | IPV4 | 66666
            64 64          | IPV6 | 4466
            64 64          | IPV4 | 6644
            6 6            | IPV6 | 66
            6 6 4          | IPV6 | 466
            4              | IPV4 | 4
            """)
    void aFamilyThatDoesNotWorkHereGoesLast(String hosts, AddressFamily avoided, String expected) {
        List<Exchanger> exchangers = new ArrayList<>();
        for (String host : hosts.split(" ")) {
            exchangers.add(exchanger(exchangers.size() + "-" + host, 10));
        }
        AddressPlan plan = AddressPlan.of(exchangers, AddressPlanTest::addressesByName, terms(avoided), new Random(1));
        assertThat(families(plan)).isEqualTo(expected);
        assertThat(plan.endpoints().subList(0, plan.preferred()))
                .as("only what works here is preferred, if anything does")
                .allMatch(endpoint ->
                        hosts.equals("6 6") || hosts.equals("4") || AddressPlan.family(endpoint) != avoided);
    }

    /** The digits of a host's name are its addresses. */
    private static AddressBook.Answer addressesByName(String host) {
        List<String> addresses = new ArrayList<>();
        String number = host.substring(0, host.indexOf('-'));
        for (char family : host.substring(host.indexOf('-') + 1).toCharArray()) {
            int nth = addresses.size() + 1;
            addresses.add(family == '6' ? "2001:db8::" + number + ":" + nth : "198.51." + number + "." + nth);
        }
        return answer(addresses.toArray(String[]::new));
    }

    private static String families(AddressPlan plan) {
        StringBuilder families = new StringBuilder();
        plan.endpoints()
                .forEach(endpoint -> families.append(AddressPlan.family(endpoint) == AddressFamily.IPV6 ? 6 : 4));
        return families.toString();
    }

    private static AddressPlan.Terms terms(AddressFamily avoided) {
        return new AddressPlan.Terms(25, address -> false, endpoint -> false, AddressFamily.ANY, avoided);
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
                address -> AddressRules.isLocal(address, Set.of()),
                endpoint -> dead.contains(endpoint.host()),
                AddressFamily.ANY,
                AddressFamily.ANY);
        return AddressPlan.of(
                List.of(exchangers), host -> book.getOrDefault(host, AddressBook.Answer.NONE), terms, random);
    }

    private static Exchanger exchanger(String host, int preference) {
        return new Exchanger(host, preference, 0, TlsPolicy.NONE);
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
