package org.postroad.ingress.hook;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * A milter, as one event loop asks it: a connection for each message, and not too many at a time.
 *
 * <p>Clients decide how long their content takes to arrive, so messages of which the rest is still to come have only part of the
 * connections: whatever clients do, a message that has arrived waits for the milter and for nobody else. Confined to the loop.
 */
final class MilterHook implements AskedHook.Opening {
    /** Of one loop; messages beyond wait. */
    static final int MOST_CONNECTIONS = 64;

    /** Of these, for messages that still arrive. */
    static final int MOST_ARRIVING = 48;

    private final Hook hook;
    private final HookAddress address;
    private final Dialer dialer;
    private final Deque<MilterInquiry> arrivedWaiting = new ArrayDeque<>();
    private final Deque<MilterInquiry> arrivingWaiting = new ArrayDeque<>();
    private final Set<MilterInquiry> arriving = new HashSet<>();
    private int open;

    MilterHook(Hook hook, HookAddress address, Dialer dialer) {
        this.hook = hook;
        this.address = address;
        this.dialer = dialer;
    }

    @Override
    public boolean changesHeaders() {
        return true;
    }

    @Override
    public Inquiry open(AskedMail mail, Inspection.Memory memory, Runnable goOn) {
        return new MilterInquiry(this, mail, hook.timeout(), dialer.loop(), memory, goOn);
    }

    /** Gives it a connection as soon as there is one. */
    void connect(MilterInquiry inquiry) {
        (inquiry.hasArrived() ? arrivedWaiting : arrivingWaiting).add(inquiry);
        dialNext();
    }

    /** All content of its message has come. */
    void arrived(MilterInquiry inquiry) {
        if (arrivingWaiting.remove(inquiry)) {
            arrivedWaiting.add(inquiry);
        }
        arriving.remove(inquiry);
        dialNext();
    }

    /** Whether messages wait for a connection. */
    boolean isCrowded() {
        return !arrivedWaiting.isEmpty() || !arrivingWaiting.isEmpty();
    }

    /** It needs no connection any more. */
    void forget(MilterInquiry inquiry) {
        if (!arrivedWaiting.remove(inquiry)) {
            arrivingWaiting.remove(inquiry);
        }
    }

    /** A connection that was asked for is gone, or was never made. */
    void closed(MilterInquiry inquiry) {
        open--;
        arriving.remove(inquiry);
        dialNext();
    }

    private void dialNext() {
        while (open < MOST_CONNECTIONS) {
            MilterInquiry next = arrivedWaiting.poll();
            if (next == null && arriving.size() < MOST_ARRIVING) {
                next = arrivingWaiting.poll();
            }
            if (next == null) {
                return;
            }
            dial(next);
        }
    }

    private void dial(MilterInquiry inquiry) {
        open++;
        if (!inquiry.hasArrived()) {
            arriving.add(inquiry);
        }
        inquiry.onDial();
        dialer.dial(address, hook.timeout(), MilterInquiry.pipeline(inquiry), inquiry);
    }
}
