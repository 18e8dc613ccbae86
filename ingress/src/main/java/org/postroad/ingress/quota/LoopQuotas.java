package org.postroad.ingress.quota;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.ingress.quota.UsedQuotas.Standing;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaUse;
import org.postroad.schemas.Reply;

/** What one event loop asks before it takes mail: whether its sender may send more. Confined to the loop. */
public final class LoopQuotas {
    /** Said when no claim is answered. */
    static final Refusal NOT_COUNTED =
            Refusal.of(Reply.parse("451 4.3.0 Cannot count the message against its quota now, try again later"));

    private static final Refusal NO_ROOM =
            Refusal.of(Reply.parse("452 4.3.1 Too many senders to count, try again later"));

    private final QuotaRules rules;
    private final Rates rates;
    private final EventExecutor loop;
    private final @Nullable Claims claims;
    private final QuotaMetrics metrics;
    private final Standings standings = new Standings();

    /** @param claims null where nothing is exact */
    LoopQuotas(QuotaRules rules, Rates rates, EventExecutor loop, @Nullable Claims claims, QuotaMetrics metrics) {
        this.rules = rules;
        this.rates = rates;
        this.loop = loop;
        this.claims = claims;
        this.metrics = metrics;
    }

    /** Why MAIL is refused, or null; it counts. */
    public @Nullable Refusal refusalOfMail(Sender sender) {
        if (rules.areNone()) {
            return null;
        }
        Refusal refusal = refusal(sender, Counted.MAILS, 1);
        if (refusal == null && claims != null && claims.isUnwell() && isCounted(sender)) {
            return NOT_COUNTED;
        }
        return refusal;
    }

    /**
     * Why RCPT is refused, or null; it counts.
     *
     * @param before recipients that the message has already
     */
    public @Nullable Refusal refusalOfRecipient(Sender sender, int before) {
        return rules.areNone() ? null : refusal(sender, Counted.RECIPIENTS, before + 1);
    }

    private @Nullable Refusal refusal(Sender sender, Counted counted, int wanted) {
        long now = loop.ticker().nanoTime();
        for (SenderLimit limit : rules.exact(sender, counted)) {
            if (limit.amount().count() < wanted) {
                return told(limit, Refusal.ever(limit.tooManyAtOnce()));
            }
            Standings.Known known = standings.of(limit.key(), now);
            if (known != null && known.left() < wanted) {
                return told(limit, Refusal.until(limit.exhausted(known.endsAt()), known.endsNanos() - now));
            }
        }
        SenderLimit fast = rates.take(rules.rates(sender, counted), now);
        return fast == null ? null : told(fast, Refusal.until(fast.tooFast(), Rates.interval(fast.amount())));
    }

    private Refusal told(SenderLimit limit, Refusal refusal) {
        metrics.refused(limit);
        return refusal;
    }

    private boolean isCounted(Sender sender) {
        return !rules.exact(sender, Counted.MAILS).isEmpty()
                || !rules.exact(sender, Counted.RECIPIENTS).isEmpty();
    }

    /**
     * Takes a message from its sender's quotas.
     *
     * @param then hears why the message is refused, null when it may be kept; exactly once, at once where nothing is counted
     * @param onFault hears what {@code then} throws later
     */
    public void claim(Sender sender, int recipients, Consumer<@Nullable Refusal> then, Consumer<Throwable> onFault) {
        List<SenderLimit> limits = claims == null ? List.of() : exact(sender);
        if (claims == null || limits.isEmpty()) {
            then.accept(null);
            return;
        }
        List<QuotaUse> uses = new ArrayList<>(limits.size());
        for (SenderLimit limit : limits) {
            int count = limit.counted() == Counted.MAILS ? 1 : recipients;
            uses.add(new QuotaUse(
                    limit.key(), limit.amount().per().seconds, limit.amount().count(), (long) count));
        }
        long since = loop.ticker().nanoTime();
        claims.claim(uses, judged -> {
            try {
                then.accept(answer(limits, judged, since));
            } catch (Throwable bug) {
                onFault.accept(bug);
            }
        });
    }

    private List<SenderLimit> exact(Sender sender) {
        List<SenderLimit> limits = rules.exact(sender, Counted.MAILS);
        limits.addAll(rules.exact(sender, Counted.RECIPIENTS));
        return limits;
    }

    private @Nullable Refusal answer(List<SenderLimit> limits, @Nullable Judged judged, long since) {
        double seconds = (loop.ticker().nanoTime() - since) / 1e9;
        metrics.answered(
                judged == null ? "unanswered" : Ascii.lower(judged.verdict().name()), seconds);
        if (judged == null) {
            return NOT_COUNTED;
        }
        return switch (judged.verdict()) {
            case GRANTED -> null;
            case NO_ROOM -> NO_ROOM;
            case EXHAUSTED -> {
                int which = judged.exhausted();
                Standing standing = judged.standings().get(which);
                SenderLimit limit = limits.get(which);
                boolean everTooMany = standing.use().getCount() > limit.amount().count();
                long nanos = (standing.endsAt() - judged.at()) * 1_000_000L;
                yield told(
                        limit,
                        everTooMany
                                ? Refusal.ever(limit.tooManyAtOnce())
                                : Refusal.until(limit.exhausted(standing.endsAt()), nanos));
            }
        };
    }

    /** The log has judged claims of this loop. */
    void judged(List<Judged> answers) {
        assert loop.inEventLoop();
        long now = loop.ticker().nanoTime();
        for (Judged judged : answers) {
            judged.standings().forEach(standing -> standings.note(standing, judged.at(), now));
        }
        if (claims != null) {
            claims.judged(answers);
        }
    }

    /** Somebody has given something back. */
    void returned(List<QuotaCount> counts) {
        assert loop.inEventLoop();
        counts.forEach(count -> standings.forget(count.getQuota()));
    }

    EventExecutor loop() {
        return loop;
    }
}
