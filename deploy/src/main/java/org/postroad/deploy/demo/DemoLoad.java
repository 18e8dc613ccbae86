package org.postroad.deploy.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Several clients that send the demo's mails at once, each over a session and a thread of its own. */
public final class DemoLoad {
    private static final int SESSIONS = 32;
    private static final int SENDERS = 7;
    private static final int JOIN_SECONDS = 5;

    private final InetSocketAddress listener;
    private final int mails;
    private final CountDownLatch over = new CountDownLatch(SESSIONS);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong recipients = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong bounces = new AtomicLong();
    private final AtomicLong endedAt = new AtomicLong();
    private final AtomicReference<@Nullable String> telling = new AtomicReference<>();
    private final AtomicReference<@Nullable IOException> fault = new AtomicReference<>();
    private final long begunAt = System.nanoTime();

    public DemoLoad(InetSocketAddress listener, int mails) {
        this.listener = listener;
        this.mails = mails;
    }

    public void start() {
        for (int session = 0; session < SESSIONS; session++) {
            int first = session;
            Thread thread = new Thread(() -> send(first), "demo-client-" + session);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Whom the n-th mail is for: most one recipient that accepts, some greylisted, some refused, some all three. */
    static List<String> recipientsOf(int mail) {
        if (mail % 50 == 7) {
            return List.of(
                    "reader" + mail + "@accept.test",
                    "reader" + mail + "@greylist.test",
                    "unknown" + mail + "@refuse.test");
        }
        if (mail % 50 == 23) {
            return List.of("unknown" + mail + "@refuse.test");
        }
        if (mail % 10 == 3) {
            return List.of("reader" + mail + "@greylist.test");
        }
        if (mail % 10 == 5) {
            return List.of("reader" + mail + "@accept.test", "reader" + mail + "@refuse.test");
        }
        return List.of("reader" + mail + "@accept.test");
    }

    private static long refusedOf(List<String> recipients) {
        return recipients.stream()
                .filter(recipient -> recipient.startsWith("unknown"))
                .count();
    }

    /** Recipients that the exchangers will have taken when all is done, bounces among them. */
    long expectedAtExchangers() {
        long expected = 0;
        for (int mail = 0; mail < mails; mail++) {
            List<String> its = recipientsOf(mail);
            long gone = refusedOf(its);
            expected += its.size() - gone + (gone > 0 ? 1 : 0);
        }
        return expected;
    }

    public long accepted() {
        return accepted.get();
    }

    public boolean isOver() {
        return over.getCount() == 0;
    }

    String tellingQueueId() {
        String queueId = telling.get();
        return queueId == null ? "" : queueId;
    }

    /** What the clients sent and heard 250 for; throws what ended a client early. */
    public Demo.Sent sent() throws IOException, InterruptedException {
        over.await(JOIN_SECONDS, TimeUnit.SECONDS);
        IOException ended = fault.get();
        if (ended != null) {
            throw ended;
        }
        return new Demo.Sent(
                accepted.get(),
                recipients.get(),
                refused.get(),
                bounces.get(),
                TimeUnit.NANOSECONDS.toMillis(Math.max(0, endedAt.get() - begunAt)));
    }

    private void send(int session) {
        try (SmtpClient client = SmtpClient.connect(listener)) {
            for (int mail = session; mail < mails; mail += SESSIONS) {
                List<String> to = recipientsOf(mail);
                String from = "sender" + mail % SENDERS + "@sender.test";
                String queueId = client.send(from, to, content(mail, from, to));
                count(to, queueId);
            }
        } catch (IOException e) {
            fault.compareAndSet(null, e);
        } finally {
            endedAt.accumulateAndGet(System.nanoTime(), Math::max);
            over.countDown();
        }
    }

    private void count(List<String> to, String queueId) {
        accepted.incrementAndGet();
        recipients.addAndGet(to.size());
        long gone = refusedOf(to);
        refused.addAndGet(gone);
        if (gone > 0) {
            bounces.incrementAndGet();
        }
        if (to.size() == 3) {
            telling.set(queueId);
        }
    }

    private static String content(int mail, String from, List<String> to) {
        List<String> lines = new ArrayList<>(List.of(
                "From: <" + from + ">",
                "To: <" + to.get(0) + ">",
                "Subject: demo mail " + mail,
                "Message-ID: <" + mail + "@demo.test>",
                ""));
        for (int i = 0; i < 40; i++) {
            lines.add("The rider leaves, the road remains, and every letter on it is accounted for. " + i);
        }
        return String.join("\r\n", lines) + "\r\n";
    }
}
