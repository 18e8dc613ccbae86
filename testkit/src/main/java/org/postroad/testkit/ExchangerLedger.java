package org.postroad.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What an exchanger has taken: written by its event loops, read and awaited by tests. */
final class ExchangerLedger {
    /** A dialog is for assertions; a connection that talks longer keeps its beginning only. */
    private static final int TRANSCRIPT_LINES = 2_000;
    /** Greylisting remembers so many pairs, then counts no new ones. */
    private static final int REMEMBERED_TRIES = 1_000_000;

    private final boolean keeping;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition mailTaken = lock.newCondition();
    private final List<ReceivedMail> mails = new ArrayList<>();
    private final Map<Integer, List<String>> transcripts = new TreeMap<>();
    private final Map<String, Integer> tries = new ConcurrentHashMap<>();
    private ExchangerCounts counts = new ExchangerCounts(0, 0, 0, 0, 0, 0);

    ExchangerLedger(boolean keeping) {
        this.keeping = keeping;
    }

    boolean keeping() {
        return keeping;
    }

    /** Counts a connection in and tells its number, from 1; 0 when so many are open already that it is refused. */
    int opened(int limit) {
        lock.lock();
        try {
            if (counts.openConnections() >= limit) {
                return 0;
            }
            counts = counts.opened();
            return (int) counts.connections();
        } finally {
            lock.unlock();
        }
    }

    void closed() {
        lock.lock();
        try {
            counts = counts.closed();
        } finally {
            lock.unlock();
        }
    }

    void took(int recipients, long octets) {
        lock.lock();
        try {
            counts = counts.took(recipients, octets);
            mailTaken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void took(ReceivedMail mail) {
        lock.lock();
        try {
            mails.add(mail);
            took(mail.recipients().size(), mail.content().length);
        } finally {
            lock.unlock();
        }
    }

    void said(int connection, String line) {
        lock.lock();
        try {
            List<String> transcript = transcripts.computeIfAbsent(connection, number -> new ArrayList<>());
            if (transcript.size() < TRANSCRIPT_LINES) {
                transcript.add(line);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether a rule with a limit still speaks for a subject; this passage is counted. */
    boolean within(int times, String subject) {
        if (times == Integer.MAX_VALUE) {
            return true;
        }
        if (tries.size() >= REMEMBERED_TRIES && !tries.containsKey(subject)) {
            return false;
        }
        return tries.merge(subject, 1, Integer::sum) <= times;
    }

    boolean await(long count, Duration atMost) throws InterruptedException {
        long nanos = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (counts.mails() < count) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = mailTaken.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    ExchangerCounts counts() {
        lock.lock();
        try {
            return counts;
        } finally {
            lock.unlock();
        }
    }

    List<ReceivedMail> mails() {
        lock.lock();
        try {
            return List.copyOf(mails);
        } finally {
            lock.unlock();
        }
    }

    List<String> transcript(int connection) {
        lock.lock();
        try {
            return List.copyOf(transcripts.getOrDefault(connection, Collections.emptyList()));
        } finally {
            lock.unlock();
        }
    }
}
