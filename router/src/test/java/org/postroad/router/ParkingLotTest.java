package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

class ParkingLotTest {

    @Test
    void aPlaceSurvivesItsKey() {
        ParkingLot.Place place = new ParkingLot.Place("some.example", "postroad.inbound", 3, Long.MAX_VALUE - 1, 7);
        assertThat(ParkingLot.Place.of(place.key())).isEqualTo(place);
    }

    @Test
    void aDomainAndItsPrefixAreApart() {
        Bytes shorter = new ParkingLot.Place("a.example", "postroad.inbound", 0, 9, 0).key();
        Bytes longer = new ParkingLot.Place("a.example.org", "postroad.inbound", 0, 1, 0).key();
        assertThat(shorter).isLessThan(longer);
    }
}
