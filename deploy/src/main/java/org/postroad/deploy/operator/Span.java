package org.postroad.deploy.operator;

/** Offsets of one partition, the first included and the last not. */
public record Span(long from, long to) {
    public boolean isEmpty() {
        return from >= to;
    }

    public long count() {
        return Math.max(0, to - from);
    }
}
