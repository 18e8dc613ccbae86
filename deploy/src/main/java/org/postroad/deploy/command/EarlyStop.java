package org.postroad.deploy.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.concurrent.CountDownLatch;

/**
 * A signal that comes before a node watches for one itself: while the configuration is read there is nothing to close, so the process
 * says so and ends well.
 */
public final class EarlyStop {
    private static final CountDownLatch OVER = new CountDownLatch(1);

    private EarlyStop() {}

    /** From here on until {@link #over}; call it first of all. */
    public static void watch(String command) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(command), "postroad-early-end"));
    }

    private static void end(String command) {
        if (OVER.getCount() == 0) {
            return;
        }
        // Not by the printer: loading what it can do takes long enough for main to go on.
        PrintWriter out = new PrintWriter(new FileOutputStream(FileDescriptor.out), false, Charset.defaultCharset());
        out.println("postroad " + command + ": stopped while it started");
        out.flush();
        Runtime.getRuntime().halt(ExitCode.DONE);
    }

    /** Signals are somebody else's now, or the command has ended by itself. */
    public static void over() {
        OVER.countDown();
    }
}
