package org.postroad.deploy.scenario;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.postroad.deploy.demo.SmtpClient;

/** Clients that send numbered mails as fast as they are taken, connect again when the server dies, and remember every 250. */
final class NumberedLoad {
    private static final int CLIENTS = 8;
    /** Enough for every partition of a topic to have some. */
    private static final int DOMAINS = 16;

    private static final String FILLER = ("0123456789".repeat(7) + "\r\n").repeat(20);

    /** A server that was killed takes mail again seconds before it delivers any. */
    private static final int AHEAD = 3_000;

    private final InetSocketAddress server;
    private final LongSupplier arrived;
    private final int perSecond;
    private final long begunNanos = System.nanoTime();
    private final Map<Integer, Instant> acceptedAt = new ConcurrentHashMap<>();
    private final Set<Integer> accepted = acceptedAt.keySet();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> clients = new ArrayList<>();

    /** @param arrived how many mails have come through; what is accepted keeps within sight of it */
    NumberedLoad(InetSocketAddress server, LongSupplier arrived) {
        this(server, arrived, Integer.MAX_VALUE);
    }

    /** The same, at most so many mails a second over the whole time. */
    NumberedLoad(InetSocketAddress server, LongSupplier arrived, int perSecond) {
        this.server = server;
        this.arrived = arrived;
        this.perSecond = perSecond;
    }

    void start() {
        for (int client = 0; client < CLIENTS; client++) {
            Thread thread = new Thread(this::run, "client-" + client);
            thread.setDaemon(true);
            thread.start();
            clients.add(thread);
        }
    }

    /** The same with numbers above another load's. */
    void startAt(int number) {
        next.set(number);
        start();
    }

    /** What got a 250 by now. */
    Set<Integer> accepted() {
        return Set.copyOf(accepted);
    }

    /** The same with the instant of each 250. */
    Map<Integer, Instant> acceptedAt() {
        return Map.copyOf(acceptedAt);
    }

    int acceptedCount() {
        return accepted.size();
    }

    /** The number in a received content. */
    static int numberOf(String content) {
        int at = content.indexOf("X-Number: ") + "X-Number: ".length();
        return Integer.parseInt(content.substring(at, content.indexOf('\r', at)));
    }

    void awaitAccepted(int count) throws InterruptedException {
        while (accepted.size() < count) {
            new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    /** Ends the clients after the mail each has in hand; what got a 250. */
    Set<Integer> stop() throws InterruptedException {
        over.set(true);
        for (Thread client : clients) {
            client.join(TimeUnit.SECONDS.toMillis(70));
        }
        return accepted;
    }

    private void run() {
        while (!over.get()) {
            try (SmtpClient client = SmtpClient.connect(server)) {
                while (!over.get()) {
                    awaitArrivals();
                    awaitTurn();
                    int number = next.incrementAndGet();
                    String content = "X-Number: " + number + "\r\nSubject: numbered\r\n\r\n" + FILLER;
                    String recipient = "reader@domain" + number % DOMAINS + ".test";
                    client.send("load@sender.test", List.of(recipient), content);
                    acceptedAt.put(number, Instant.now());
                }
            } catch (IOException serverDied) {
                // The mail in hand got no 250, so nobody counts on it.
                awaitABit();
            }
        }
    }

    private void awaitArrivals() {
        while (accepted.size() - arrived.getAsLong() > AHEAD && !over.get()) {
            awaitABit();
        }
    }

    private void awaitTurn() {
        while (!over.get() && accepted.size() > (System.nanoTime() - begunNanos) / 1e9 * perSecond) {
            awaitABit();
        }
    }

    private static void awaitABit() {
        try {
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
