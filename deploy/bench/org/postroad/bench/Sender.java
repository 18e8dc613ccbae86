package org.postroad.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The beginning of the road: sends a load in the background. */
interface Sender extends AutoCloseable {
    void start(int port, Load load) throws Exception;

    /** True once every mail has its 250; throws when one was refused. */
    boolean isDone() throws Exception;

    @Override
    void close();

    /** Debian's smtp-source, a process a load. */
    final class SmtpSource implements Sender {
        private @Nullable Process process;

        @Override
        public void start(int port, Load load) throws Exception {
            if (!load.recipients().kind().equals("one")) {
                throw new IllegalArgumentException("smtp-source knows one recipient only");
            }
            process = new ProcessBuilder(
                            "smtp-source",
                            "-d",
                            "-s",
                            "" + load.sessions(),
                            "-m",
                            "" + load.mails(),
                            "-l",
                            "" + load.octets(),
                            "-f",
                            "sender@source.test",
                            "-t",
                            "recipient@" + load.recipients().of(),
                            "127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .start();
        }

        @Override
        public boolean isDone() throws Exception {
            Process source = Objects.requireNonNull(process, "not started");
            if (source.isAlive()) {
                return false;
            }
            if (source.exitValue() != 0) {
                throw new IllegalStateException("smtp-source: "
                        + new String(source.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            }
            return true;
        }

        @Override
        public void close() {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** Our own {@link Source} in a JVM of its own: many recipients, many domains. */
    final class OwnSource implements Sender {
        private final Child child;

        OwnSource() throws Exception {
            child = new Child(Source.class, List.of());
        }

        @Override
        public void start(int port, Load load) {
            child.tell(port + " " + load);
        }

        @Override
        public boolean isDone() throws Exception {
            String line = child.hear(0);
            if (line != null && !line.startsWith("done")) {
                throw new IllegalStateException("the source " + line);
            }
            return line != null;
        }

        @Override
        public void close() {
            child.close();
        }
    }
}
