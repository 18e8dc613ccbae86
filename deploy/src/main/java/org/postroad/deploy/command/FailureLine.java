package org.postroad.deploy.command;

import java.net.BindException;
import org.apache.kafka.common.KafkaException;
import org.postroad.deploy.config.ConfigurationException;
import org.postroad.schemas.UnfitTopicsException;
import org.postroad.schemas.UnreachableException;
import org.postroad.testkit.DirectoryInUseException;
import org.postroad.testkit.PortInUseException;

/**
 * The one line and the exit code that an exception becomes.
 *
 * @param text without a line break
 */
record FailureLine(int exitCode, String text) {

    static FailureLine of(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause() == e ? null : e.getCause()) {
            if (isOperators(e)) {
                return new FailureLine(ExitCode.USAGE, line(e));
            }
            if (e instanceof UnreachableException) {
                return new FailureLine(ExitCode.UNREACHABLE, line(e));
            }
        }
        for (Throwable e = thrown; e != null; e = e.getCause() == e ? null : e.getCause()) {
            if (e instanceof org.apache.kafka.common.config.ConfigException) {
                boolean unresolved = String.valueOf(e.getMessage()).contains("resolvable");
                return unresolved
                        ? new FailureLine(ExitCode.UNREACHABLE, "kafka.bootstrap-servers: no such host: " + line(e))
                        : new FailureLine(ExitCode.USAGE, "kafka: " + line(e));
            }
            if (e instanceof KafkaException) {
                return new FailureLine(ExitCode.UNREACHABLE, "Kafka says: " + line(e));
            }
        }
        return new FailureLine(
                ExitCode.FINDING, "unexpected: " + thrown + "; POSTROAD_LOG=debug prints the stack trace");
    }

    /** What only whoever runs the command can mend. */
    private static boolean isOperators(Throwable e) {
        return e instanceof ConfigurationException
                || e instanceof UnfitTopicsException
                || e instanceof BindException
                || e instanceof PortInUseException
                || e instanceof DirectoryInUseException;
    }

    private static String line(Throwable e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
