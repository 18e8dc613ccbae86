package org.postroad.schemas;

import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Mail that may be written to the topic of accepted mail several times, always under the same queue id and to the same partition: the
 * router takes it once. A header says so, since the router has to know before it reads anything else.
 */
public final class TakenOnce {
    private static final String NAME = "once";

    private TakenOnce() {}

    /** What its record has. */
    public static List<Header> headers() {
        return List.of(new RecordHeader(NAME, new byte[0]));
    }

    public static boolean isWanted(Headers headers) {
        return headers.lastHeader(NAME) != null;
    }
}
