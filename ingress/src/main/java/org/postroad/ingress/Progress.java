package org.postroad.ingress;

/** What a session hears of what goes on without its client; on its event loop, and neither call throws. */
interface Progress {
    /** There are replies to send, or it takes input again. */
    void goOn();

    /** An exception nobody foresaw, in what was done for the session: its client hears 451 and it ends. */
    void fault(Throwable bug);
}
