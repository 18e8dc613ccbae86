package org.postroad.ingress;

import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Role;

/**
 * What a listener changes in content while it arrives, in place; most change nothing and have none. What is held back from one call to
 * the next, and what grows, needs room before the octets that come: the gap.
 */
final class ContentChanges {
    private final @Nullable BareLineEnds lineEnds;
    private final @Nullable SubmittedHeader header;

    private ContentChanges(@Nullable BareLineEnds lineEnds, @Nullable SubmittedHeader header) {
        this.lineEnds = lineEnds;
        this.header = header;
    }

    /**
     * Null where content stays as it is.
     *
     * @param dotted whether dots that begin lines are doubled on the way: with DATA, not with BDAT
     */
    static @Nullable ContentChanges of(Handling handling, boolean dotted) {
        boolean normalizes = handling.bareNewlines() == BareNewlines.NORMALIZE;
        boolean submission = handling.role() == Role.SUBMISSION;
        return normalizes || submission
                ? new ContentChanges(
                        normalizes ? new BareLineEnds(dotted) : null,
                        submission ? new SubmittedHeader(!handling.hooks().isEmpty()) : null)
                : null;
    }

    boolean normalizeLineEnds() {
        return lineEnds != null;
    }

    /** What is known of the header section; null where nobody asks. */
    @Nullable
    SubmittedHeader header() {
        return header;
    }

    /** How many octets may come where so many are free; none or less where too few are. */
    int mostInto(int free) {
        int rest = free - heldOfHeader();
        return lineEnds == null ? rest : (rest - 1) / 2;
    }

    /** Octets to be left free before so many that come. */
    int gapFor(int coming) {
        return heldOfHeader() + (lineEnds == null ? 0 : coming + 1);
    }

    /** Takes {@code octets[from, end)}; what is made of it begins at {@code to}, and ends where this says. */
    int apply(byte[] octets, int to, int from, int end) {
        int lines = to + heldOfHeader();
        int linesEnd = lineEnds == null ? end : lineEnds.normalize(octets, lines, from, end);
        return header == null ? linesEnd : header.filter(octets, to, lineEnds == null ? from : lines, linesEnd);
    }

    /** The content has ended: what was held back is put behind it. */
    int finish(byte[] octets, int to) {
        int lines = to + heldOfHeader();
        int linesEnd = lineEnds == null ? lines : lineEnds.finish(octets, lines);
        return header == null ? linesEnd : header.finish(octets, header.filter(octets, to, lines, linesEnd));
    }

    private int heldOfHeader() {
        return header == null ? 0 : header.held();
    }
}
