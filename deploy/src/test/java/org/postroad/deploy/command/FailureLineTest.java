package org.postroad.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.UnfitTopicsException;
import org.postroad.schemas.UnreachableException;

class FailureLineTest {
    @Test
    void anExceptionDecidesTheExitCodeHoweverDeepItIs() {
        assertThat(code(new UnfitTopicsException(List.of("topic x is missing"))))
                .isEqualTo(2);
        assertThat(code(new IOException(new BindException("Address already in use"))))
                .isEqualTo(2);
        assertThat(code(new UnreachableException("no Kafka at x", new IOException())))
                .isEqualTo(3);
        assertThat(code(new RuntimeException(new KafkaException("not authorised"))))
                .isEqualTo(3);
        assertThat(code(new KafkaException("x", new ConfigException("Invalid url in bootstrap.servers"))))
                .isEqualTo(2);
        assertThat(code(new KafkaException("x", new ConfigException("No resolvable bootstrap urls given"))))
                .isEqualTo(3);
        assertThat(code(new IllegalStateException("a bug"))).isEqualTo(1);
    }

    @Test
    void aFileThatCannotBeUsedIsTheOperators() {
        FailureLine line = FailureLine.of(new UncheckedIOException(new AccessDeniedException("/var/lib/x")));
        assertThat(line).isEqualTo(new FailureLine(2, "cannot use /var/lib/x: permission denied"));
        assertThat(FailureLine.of(new FileSystemException("/x", null, "Read-only file system"))
                        .text())
                .isEqualTo("cannot use /x: Read-only file system");
    }

    @Test
    void manyProblemsAreTheFirstAndACount() {
        assertThat(FailureLine.of(new UnfitTopicsException(List.of("a is missing", "b is missing", "c is missing")))
                        .text())
                .isEqualTo("a is missing; and 2 more, which 'postroad topics check' lists");
    }

    @Test
    void whateverItSaysIsOneLine() {
        assertThat(FailureLine.of(new UnreachableException("first\n  second", new IOException()))
                        .text())
                .isEqualTo("first second");
    }

    private static int code(Throwable thrown) {
        return FailureLine.of(thrown).exitCode();
    }
}
