package org.postroad.schemas;

import org.apache.avro.SystemLimitException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a length in a record is believed: no more than a record can hold. Else one of a few octets that announces a long text makes each of
 * its readers allocate gigabytes.
 *
 * <p>Avro reads its limits once, when some class of it or of the records is used first, so they are set before that.
 */
final class AvroLimits {
    private static final Logger LOG = LoggerFactory.getLogger(AvroLimits.class);
    private static final String ITEMS = "100000";

    private AvroLimits() {}

    /** Sets them; once it is too late this says so. */
    static void set() {
        String octets = Integer.toString(Caps.BATCH_OCTETS);
        System.setProperty(SystemLimitException.MAX_BYTES_LENGTH_PROPERTY, octets);
        System.setProperty(SystemLimitException.MAX_STRING_LENGTH_PROPERTY, octets);
        System.setProperty(SystemLimitException.MAX_COLLECTION_LENGTH_PROPERTY, ITEMS);
        if (!areInForce()) {
            LOG.atError().log("Avro was used before its limits were set: a record may announce any length");
        }
    }

    static boolean areInForce() {
        try {
            return SystemLimitException.checkMaxStringLength(Caps.BATCH_OCTETS + 1L) < 0;
        } catch (SystemLimitException refused) {
            return true;
        }
    }
}
