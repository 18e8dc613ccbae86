package org.postroad.deploy.operator;

/** So many jobs are not done, or their traces are needed, that no further one is issued. */
public final class TooManyJobsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyJobsException(int standing) {
        super(standing + " jobs are not done yet, or what they took is behind the readers' marks: none is added");
    }
}
