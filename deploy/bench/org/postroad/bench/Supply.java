package org.postroad.bench;

/** Hands out the mails of a load and hears what became of them; called on the source's loop only. */
interface Supply {
    /** The number of the next mail, or -1 when there is none. */
    long next();

    /** How long a session waits after a mail before it asks for the next. */
    default long pauseMillis() {
        return 0;
    }

    void accepted(long mail);

    /** A session that ended in any other way than by its QUIT. */
    void failed(String why);
}
