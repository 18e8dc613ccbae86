package org.postroad.deploy.command;

import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.postroad.broker.DirectoryInUseException;
import org.postroad.broker.PortInUseException;
import org.postroad.deploy.operator.SupersededException;
import org.postroad.deploy.operator.TooManyJobsException;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.ingress.auth.UnfitFileException;
import org.postroad.schemas.RefusedException;
import org.postroad.schemas.UnfitTopicsException;
import org.postroad.schemas.UnreachableException;

/**
 * The one line and the exit code that an exception becomes.
 *
 * @param text without a line break
 */
record FailureLine(int exitCode, String text) {

    static FailureLine of(Throwable thrown) {
        for (Throwable e : chain(thrown)) {
            if (e instanceof UnfitTopicsException) {
                return new FailureLine(ExitCode.USAGE, firstOf(line(e)));
            }
            if (isOperators(e)) {
                return new FailureLine(ExitCode.USAGE, line(e));
            }
            if (e instanceof FileSystemException fault) {
                return new FailureLine(ExitCode.USAGE, "cannot use " + fault.getFile() + ": " + reason(fault));
            }
            if (e instanceof SupersededException || e instanceof TooManyJobsException) {
                return new FailureLine(ExitCode.FINDING, line(e));
            }
            if (e instanceof UnreachableException || e instanceof RefusedException) {
                return new FailureLine(ExitCode.UNREACHABLE, line(e));
            }
            if (e instanceof ConfigException) {
                return ofSetting(e);
            }
        }
        for (Throwable e : chain(thrown)) {
            if (e instanceof KafkaException) {
                return new FailureLine(ExitCode.UNREACHABLE, "Kafka says: " + line(e));
            }
        }
        return new FailureLine(
                ExitCode.FINDING,
                "unexpected: " + line(thrown) + " (" + thrown.getClass().getSimpleName()
                        + "); POSTROAD_LOG=debug prints the stack trace");
    }

    /** A cluster without topics has fifteen problems with one cure. */
    private static String firstOf(String problems) {
        String[] each = problems.split("; ", -1);
        return each.length == 1
                ? problems
                : each[0] + "; and " + (each.length - 1) + " more, which 'postroad topics check' lists";
    }

    private static FailureLine ofSetting(Throwable e) {
        boolean unresolved = line(e).contains("resolvable");
        return unresolved
                ? new FailureLine(ExitCode.UNREACHABLE, "kafka.bootstrap-servers: no such host: " + line(e))
                : new FailureLine(ExitCode.USAGE, "kafka: " + line(e));
    }

    /** An exception and its causes, as many as anyone ever wrapped. */
    private static List<Throwable> chain(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(20)
                .toList();
    }

    /** What only whoever runs the command can mend. */
    private static boolean isOperators(Throwable e) {
        return e instanceof ConfigurationException
                || e instanceof BindException
                || e instanceof UnfitFileException
                || e instanceof PortInUseException
                || e instanceof DirectoryInUseException;
    }

    private static String reason(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "it is not a directory";
        }
        return e instanceof NoSuchFileException ? "no such file or directory" : String.valueOf(e.getReason());
    }

    private static String line(Throwable e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
