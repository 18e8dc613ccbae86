package org.postroad.testkit;

import io.netty.util.concurrent.MockTicker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until a test advances it, as wall clock and as nanoseconds, of event loops too. */
public final class ManualClock extends Clock implements MockTicker {
    private static final Instant DEFAULT_START = Instant.parse("2026-01-01T00:00:00Z");

    private final Instant start;
    private final ZoneId zone;
    private final AtomicLong elapsedNanos;

    public ManualClock() {
        this(DEFAULT_START);
    }

    public ManualClock(Instant start) {
        this(start, ZoneOffset.UTC, new AtomicLong());
    }

    private ManualClock(Instant start, ZoneId zone, AtomicLong elapsedNanos) {
        this.start = start;
        this.zone = zone;
        this.elapsedNanos = elapsedNanos;
    }

    /** Moves both views forward; time never runs backward. */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time runs forward only: " + by);
        }
        elapsedNanos.addAndGet(by.toNanos());
    }

    @Override
    public void advance(long amount, TimeUnit unit) {
        advance(Duration.of(amount, unit.toChronoUnit()));
    }

    /** Whoever sleeps lets time pass. */
    @Override
    public void sleep(long amount, TimeUnit unit) {
        advance(amount, unit);
    }

    /** Nanoseconds since the start, to stand in for {@code System.nanoTime()}. */
    @Override
    public long nanoTime() {
        return elapsedNanos.get();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(elapsedNanos.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** The same time seen from another zone: advancing either advances both. */
    @Override
    public Clock withZone(ZoneId other) {
        return new ManualClock(start, other, elapsedNanos);
    }
}
