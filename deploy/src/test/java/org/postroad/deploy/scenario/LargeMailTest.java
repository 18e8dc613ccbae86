package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Many large mails at once, whose content lies in Kafka side by side. */
@Tag("long")
class LargeMailTest {
    private static final int MAILS = 48;
    private static final int OCTETS = 12_000_000;
    private static final int DOMAINS = 8;

    /** A batch at the beginning of each message holds chunks of others, and slow clients' are smaller than they might be. */
    private static final double RATIO = 2;

    @Test
    void whatIsReadOfKafkaIsLittleMoreThanWhatIsSent(@TempDir Path directory) throws Exception {
        byte[] content = noise();
        AtomicLong arrived = new AtomicLong();
        Effect counted = wire -> {
            arrived.incrementAndGet();
            wire.reply("250 2.1.5 ok\r\n".getBytes(US_ASCII));
        };
        AtomicLong begun = new AtomicLong();
        Effect unevenly = wire -> {
            Duration wait = Duration.ofMillis(begun.incrementAndGet() * 370 % 2_000);
            wire.after(wait, () -> wire.reply("354 go on\r\n".getBytes(US_ASCII)));
        };
        Script script = Script.accepting().rcpt("small@*", counted).at(Point.DATA, unevenly);
        ExecutorService clients = Executors.newFixedThreadPool(MAILS + 1);
        try (ScriptedExchanger exchanger = ScriptedExchanger.startCounting(script, 0, 1);
                Road road = Road.open(directory, exchanger)) {
            List<Future<String>> accepted = new ArrayList<>();
            for (int i = 0; i < MAILS; i++) {
                List<String> recipient = List.of("large@d" + i % DOMAINS + ".test");
                accepted.add(clients.submit(() -> road.submit(recipient, content)));
            }
            int small = 0;
            while (exchanger.counts().octets() < (long) MAILS * OCTETS) {
                road.submit(List.of("small@d" + small % DOMAINS + ".test"));
                int expected = ++small;
                Road.await(arrived::get, count -> count >= expected);
            }
            for (Future<String> one : accepted) {
                assertThat(one.get()).isNotEmpty();
            }
            assertThat(octetsRead() / exchanger.counts().octets()).isLessThan(RATIO);
            assertThat(small).as("small mail that came through meanwhile").isGreaterThan(1);
        } finally {
            clients.shutdown();
            assertThat(clients.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    /** Octets that came to the readers of content from the broker, whether they were of use or not. */
    private static double octetsRead() throws Exception {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        double octets = 0;
        for (ObjectName reader : beans.queryNames(
                new ObjectName("kafka.consumer:type=consumer-metrics,client-id=postroad-content*"), null)) {
            octets += (double) beans.getAttribute(reader, "incoming-byte-total");
        }
        return octets;
    }

    /** Lines of octets that nothing can pack. */
    private static byte[] noise() {
        byte[] noise = new byte[OCTETS];
        new Random(3).nextBytes(noise);
        for (int i = 0; i < OCTETS; i++) {
            boolean special = noise[i] == '\r' || noise[i] == '\n' || noise[i] == '.';
            noise[i] = special ? (byte) 'x' : noise[i];
        }
        for (int end = 78; end <= OCTETS; end += 78) {
            noise[end - 2] = '\r';
            noise[end - 1] = '\n';
        }
        noise[OCTETS - 2] = '\r';
        noise[OCTETS - 1] = '\n';
        return noise;
    }
}
