package org.postroad.ingress;

/**
 * How much of what a client said since its last accepted message led nowhere: one limit over errors, and over commands that are right and
 * do nothing. Pure.
 *
 * <p>A client has reason to say RSET or NOOP now and then, and may name more recipients than a message can have; none of it has reason
 * never to stop.
 */
final class Junk {
    /** Twenty errors, as Postfix's smtpd_hard_error_limit, or a hundred idle commands, as its smtpd_junk_command_limit. */
    private static final int MOST = 2_000;

    static final int ERROR = MOST / 20;

    /** Whoever mistypes tries again; whoever guesses connects again, and is counted elsewhere too. */
    static final int FAILED_LOGIN = MOST / 4;

    static final int IDLE_COMMAND = MOST / 100;

    /** What we refuse for a limit or an illness of ours: the client may try for long, but not for ever. */
    static final int OURS = 1;

    private int sum;

    /** One more; true when it was the last that is borne. */
    boolean add(int weight) {
        sum += weight;
        return sum >= MOST;
    }

    void accepted() {
        sum = 0;
    }
}
