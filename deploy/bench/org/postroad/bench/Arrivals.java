package org.postroad.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the receiver saw of one contender's measured rounds, and what that cost the receiver. */
final class Arrivals {
    private final Receiver receiver;
    private Receiver.Counts before = Receiver.Counts.NONE;
    private long microsBefore;
    private long recipients;
    private long mails;
    private long connections;
    private long handshakes;
    private long mostOpen = -1;
    private long twice;
    private long micros;

    Arrivals(Receiver receiver) {
        this.receiver = receiver;
    }

    void begin() throws Exception {
        receiver.forget();
        before = receiver.counts();
        microsBefore = new Proc(receiver.pid()).allMicros();
    }

    void end(long deliveries) throws Exception {
        Receiver.Counts after = receiver.counts();
        micros += new Proc(receiver.pid()).allMicros() - microsBefore;
        recipients += after.recipients() - before.recipients();
        twice += after.recipients() - before.recipients() - deliveries;
        mails += after.mails() - before.mails();
        connections += after.connections() - before.connections();
        handshakes += after.handshakes() - before.handshakes();
        mostOpen = Math.max(mostOpen, after.mostOpen());
    }

    /** Mail that came twice is a finding of its own: it is left out where there is none. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        if (twice != 0) {
            figures.put("twice", twice);
        }
        figures.put("sink cpu us/transaction", (double) micros / mails);
        if (mostOpen >= 0) {
            figures.put("connections opened", connections);
            figures.put("connections at most", mostOpen);
            figures.put("TLS handshakes", handshakes);
            figures.put("recipients/transaction", (double) recipients / mails);
        }
        return figures;
    }
}
