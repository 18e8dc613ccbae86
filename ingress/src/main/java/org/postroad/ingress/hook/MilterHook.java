package org.postroad.ingress.hook;

import java.util.ArrayDeque;
import java.util.Deque;

/** A milter, as one event loop asks it: a connection for each message, and not too many at a time. Confined to the loop. */
final class MilterHook implements AskedHook.Opening {
    /** Of one loop; messages beyond wait, within their time limit. */
    static final int MOST_CONNECTIONS = 64;

    private final Hook hook;
    private final HookAddress address;
    private final Dialer dialer;
    private final Deque<MilterInquiry> waiting = new ArrayDeque<>();
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
        MilterInquiry inquiry = new MilterInquiry(this, mail, hook.timeout(), dialer.loop(), memory, goOn);
        if (open < MOST_CONNECTIONS) {
            dial(inquiry);
        } else {
            waiting.add(inquiry);
        }
        return inquiry;
    }

    private void dial(MilterInquiry inquiry) {
        open++;
        dialer.dial(address, hook.timeout(), MilterInquiry.pipeline(inquiry), inquiry);
    }

    /** It needs no connection, or none any more. */
    void forget(MilterInquiry inquiry) {
        waiting.remove(inquiry);
    }

    /** A connection that was asked for is gone, or was never made. */
    void closed() {
        open--;
        MilterInquiry next = waiting.poll();
        if (next != null) {
            dial(next);
        }
    }
}
