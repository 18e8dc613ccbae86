package org.postroad.ingress.quota;

import java.util.function.Consumer;

/** Where one event loop appends to the quotas topic. */
public interface ClaimLog {
    /**
     * Appends one record's value; {@code kept} hears on the loop, exactly once and never before this returns, whether it is kept for good.
     */
    void append(byte[] entry, Consumer<Boolean> kept);

    /** Whether what is appended now would most likely not be kept. */
    boolean isUnwell();
}
