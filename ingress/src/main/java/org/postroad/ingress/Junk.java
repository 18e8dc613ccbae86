package org.postroad.ingress;

/**
 * How much of what a client said since its last accepted message led nowhere: one limit over errors, and over commands that are right and
 * do nothing. Pure.
 *
 * <p>A client has reason to say RSET or NOOP now and then, and may name more recipients than a message can have; none of it has reason
 * never to stop.
 */
final class Junk {
    /** By default twenty of them are borne, as of Postfix's smtpd_hard_error_limit, or a hundred idle commands, as of its junk limit. */
    static final int ERROR = 100;

    /** Whoever mistypes tries again; whoever guesses connects again, and is counted elsewhere too. */
    static final int FAILED_LOGIN = 5 * ERROR;

    static final int IDLE_COMMAND = ERROR / 5;

    /** What we refuse for a limit or an illness of ours: the client may try for long, but not for ever. */
    static final int OURS = 1;

    private final int most;
    private int sum;

    /** @param errors how many are borne, or as much of the rest */
    Junk(int errors) {
        this.most = errors * ERROR;
    }

    /** One more; true when it was the last that is borne. */
    boolean add(int weight) {
        sum += weight;
        return sum >= most;
    }

    void accepted() {
        sum = 0;
    }
}
