package org.postroad.router;

import java.util.List;

/** All that one record becomes: records for other topics, and shares that wait until their domain's route is known. */
record Outputs(List<Output> records, List<Parked> parked) {
    /** A share to be kept, encoded. */
    record Parked(ParkingLot.Place place, byte[] envelope) {}
}
