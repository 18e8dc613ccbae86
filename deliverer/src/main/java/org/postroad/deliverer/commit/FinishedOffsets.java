package org.postroad.deliverer.commit;

import java.util.Arrays;

/**
 * Which offsets of one partition are finished: all below the mark, and those up to the highest finished one that are not
 * listed as unfinished.
 *
 * <p>Offsets that never were records (transaction markers) count as finished.
 *
 * @param mark the lowest unfinished offset; what is committed
 * @param highest the highest finished offset; below the mark when nothing above it is finished
 * @param unfinished ascending, from the mark on, all below the highest
 */
public record FinishedOffsets(long mark, long highest, long[] unfinished) {
    private static final long[] NONE = {};

    /** Nothing above the mark is finished. */
    public static FinishedOffsets below(long mark) {
        return new FinishedOffsets(mark, mark - 1, NONE);
    }

    public boolean isFinished(long offset) {
        return offset < mark || (offset <= highest && Arrays.binarySearch(unfinished, offset) < 0);
    }

    public boolean anyAboveMark() {
        return highest > mark;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FinishedOffsets that
                && mark == that.mark
                && highest == that.highest
                && Arrays.equals(unfinished, that.unfinished);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(mark) * 31 + Arrays.hashCode(unfinished);
    }

    @Override
    public String toString() {
        return mark + ".." + highest + " without " + Arrays.toString(unfinished);
    }
}
