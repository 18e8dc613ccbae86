package org.postroad.deliverer.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.schemas.TlsPolicy;

class ItineraryTest {
    /** The families of a plan's addresses; the time that each takes, in parts of the limit; the places that are tried. */
    @ParameterizedTest
    @CsvSource({
        "66666, 0, 01234",
        "44444, 0, 01234",
        "64646, 0, 01234",
        "66666, 4, 0123",
        "66664, 4, 01234",
        "44446, 4, 01234",
        "66664, 1, 014",
        "66466, 1, 012",
        "64646, 1, 01",
        "66666, 1, 01",
        "6, 1, 0",
    })
    void atLeastTwoAddressesAndBothFamiliesAreTriedHoweverLongEachTakes(String families, int ofLimit, String tried)
            throws Exception {
        long now = 0;
        Itinerary itinerary = new Itinerary(plan(families), now);
        StringBuilder places = new StringBuilder();
        while (itinerary.hasNext(now)) {
            places.append(itinerary.plan().endpoints().indexOf(itinerary.next(now)));
            now += ofLimit == 0 ? 0 : Itinerary.LIMIT_NANOS / ofLimit;
        }
        assertThat(places).hasToString(tried);
    }

    private static AddressPlan plan(String families) throws Exception {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < families.length(); i++) {
            String address = (families.charAt(i) == '6' ? "2001:db8::" : "198.51.100.") + endpoints.size();
            endpoints.add(Endpoint.of("mx.test", InetAddress.getByName(address), 25, TlsPolicy.NONE));
        }
        return new AddressPlan(List.copyOf(endpoints), endpoints.size(), false, false, AddressFamily.ANY);
    }
}
