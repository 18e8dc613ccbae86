package org.postroad.deploy.command;

/** What a script learns from a command. */
final class ExitCode {
    static final int DONE = 0;
    /** It worked, and what it found is not as it should be. */
    static final int FINDING = 1;
    /** The command line, the configuration or what it names cannot be used. */
    static final int USAGE = 2;
    /** No cluster answers. */
    static final int UNREACHABLE = 3;

    private ExitCode() {}
}
