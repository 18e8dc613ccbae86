package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.Mechanism;
import org.postroad.ingress.auth.UsersFile;

/** What guesses do to those who know their password. */
class LoginsTest {
    private static final String PASSWORD = "secret";
    private static final long HANG_NANOS = 90_000_000_000L;

    private static Admission client(String address) throws UnknownHostException {
        return Admission.of(
                IngressConfig.Listener.relay("r", new InetSocketAddress(0), List.of()), InetAddress.getByName(address));
    }

    /** However many networks guess from, and however full the queue of checks is. */
    @Test
    void whoWasRightBeforeNeverWaitsForGuesses(@TempDir Path other) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(7, PASSWORD.toCharArray());
        Path file = Files.writeString(other.resolve("users"), "alice:" + hash + "\n");
        try (Credentials slow = new Credentials(new UsersFile(file))) {
            EmbeddedChannel channel = new EmbeddedChannel();
            Logins logins = new Logins(slow, channel.eventLoop());
            List<Credentials.Verdict> first = new ArrayList<>();
            Mechanism.Step.Check right = new Mechanism.Step.Check("alice", PASSWORD.getBytes(UTF_8));
            logins.check(client("203.0.113.1"), right, first::add);
            for (long end = System.nanoTime() + HANG_NANOS; first.isEmpty() && System.nanoTime() < end; ) {
                new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
                channel.runPendingTasks();
            }
            assertThat(first).containsExactly(Credentials.Verdict.RIGHT);
            List<Credentials.Verdict> guesses = new ArrayList<>();
            for (int i = 0; i < 60_000 && !guesses.contains(Credentials.Verdict.BUSY); i++) {
                logins.check(
                        client("198." + i / 256 % 256 + "." + i % 256 + ".1"),
                        new Mechanism.Step.Check("alice", ("guess" + i).getBytes(UTF_8)),
                        guesses::add);
                channel.runPendingTasks();
            }
            assertThat(guesses).as("there is no room for more").contains(Credentials.Verdict.BUSY);
            List<Credentials.Verdict> heard = new ArrayList<>();
            logins.check(client("203.0.113.1"), right, heard::add);
            channel.runPendingTasks();
            assertThat(heard).containsExactly(Credentials.Verdict.RIGHT);
        }
    }
}
