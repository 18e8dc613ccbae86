package org.postroad.ingress.hook;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log once when a hook gives no answers that can be used, and once when it does again; safe for every event loop. */
final class HookOutage {
    private static final Logger LOG = LoggerFactory.getLogger(HookOutage.class);

    /** One that fails now and then is one outage. */
    static final long QUIET_NANOS = 10_000_000_000L;

    private final String listener;
    private final Hook hook;
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicLong failedAt = new AtomicLong();

    HookOutage(String listener, Hook hook) {
        this.listener = listener;
        this.hook = hook;
    }

    /** Whether it is the first of an outage, which is told */
    boolean failed(String why, long now) {
        failedAt.set(now);
        boolean first = !told.get() && told.compareAndSet(false, true);
        if (first) {
            LOG.atWarn()
                    .addKeyValue("listener", listener)
                    .addKeyValue("hook", hook.name())
                    .addKeyValue("why", why)
                    .log("a hook fails: {}", consequence());
        }
        return first;
    }

    private String consequence() {
        return hook.onFailure() == Hook.OnFailure.DEFER ? "clients hear 451" : "messages are taken without it";
    }

    /** Whether an outage ended, which is told */
    boolean answered(long now) {
        boolean over = told.get() && now - failedAt.get() > QUIET_NANOS && told.compareAndSet(true, false);
        if (over) {
            LOG.atInfo()
                    .addKeyValue("listener", listener)
                    .addKeyValue("hook", hook.name())
                    .log("a hook answers again");
        }
        return over;
    }
}
