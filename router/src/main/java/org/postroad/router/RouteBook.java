package org.postroad.router;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes that are known, and the domains that are being asked about: one lookup in flight per domain however many
 * wait for it, and for each an answer or a time limit.
 *
 * <p>A lookup has a place, since each holds a socket. Domains whose name servers are silent hold theirs a thousand times
 * as long as others, so a lookup that is not answered soon leaves its place to the next and takes one of the
 * many for slow ones; a domain whose last lookup failed begins there. However many are silent, others find a place.
 *
 * <p>Confined to one stream thread, whose tasks share it. Answers arrive on other threads and only enqueue.
 */
final class RouteBook {
    private static final Logger LOG = LoggerFactory.getLogger(RouteBook.class);

    /** Places for lookups that are not slow. */
    static final int FRESH_LOOKUPS = 1_000;

    /** Of those, what a sweep leaves to domains that are new. */
    static final int RESERVED_LOOKUPS = FRESH_LOOKUPS / 2;

    /** Places for the others. */
    static final int SLOW_LOOKUPS = 6_000;

    /** Nearly all are answered sooner, so 4,000 domains a second find a place. */
    static final long FRESH_MILLIS = 250;

    /** Past what DNS takes with all its tries: only a lookup that was lost comes here. */
    static final long LOOKUP_LIMIT_MILLIS = 20_000;

    /** Who waits for routes; called on the same stream thread. */
    interface Waiter {
        void answered(String domain, DomainRoute found);
    }

    private record Question(long askedAtMillis, long askedNanos, List<Waiter> waiters) {}

    private record Answered(String domain, Question question, MxAnswer answer, long nanos) {}

    private final Supplier<RoutePlan> plans;
    private final Lookups lookups;
    private final RouterMetrics metrics;
    private final KnownRoutes known = new KnownRoutes();
    private final Map<String, Question> open = new LinkedHashMap<>(); // oldest first

    /** Those of the open ones that are not slow yet; oldest first. */
    private final Map<String, Question> fresh = new LinkedHashMap<>();

    private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();

    /** What all that is known was made by. */
    private RoutePlan plan;

    RouteBook(RoutePlan plan, Lookups lookups, RouterMetrics metrics) {
        this(() -> plan, lookups, metrics);
    }

    /** @param plans say which plan holds now */
    RouteBook(Supplier<RoutePlan> plans, Lookups lookups, RouterMetrics metrics) {
        this.plans = plans;
        this.plan = plans.get();
        this.lookups = lookups;
        this.metrics = metrics;
    }

    /** Before each record, and while something waits each tick: takes over the plan that holds now. */
    void follow() {
        RoutePlan now = plans.get();
        if (now == plan) {
            return;
        }
        plan = now;
        try {
            known.revise(now);
            List.copyOf(open.keySet()).forEach(this::settleIfConfigured);
        } catch (RuntimeException fault) {
            LOG.atError()
                    .setCause(fault)
                    .log("what is known could not be brought up to the routes that hold now; it is forgotten");
            known.clear();
        }
    }

    /** Nobody waits for DNS any more where the operator has named a way. */
    private void settleIfConfigured(String domain) {
        DomainRoute found = plan.withoutDns(domain);
        Question question = found == null ? null : open.remove(domain);
        if (found != null && question != null) {
            fresh.remove(domain);
            settle(domain, question, found, Long.MAX_VALUE);
        }
    }

    /** The domain's route, or null when it has to be asked for. */
    @Nullable
    DomainRoute known(String domain, long nowMillis) {
        DomainRoute entry = known.get(domain, nowMillis);
        if (entry != null) {
            return entry;
        }
        DomainRoute found = plan.withoutDns(domain);
        if (found != null) {
            known.put(domain, found, Long.MAX_VALUE);
        }
        return found;
    }

    /** Asks for the route of a domain that is new, on behalf of a waiter; false when there is no place for it now. */
    boolean ask(String domain, Waiter waiter, long nowMillis) {
        return ask(domain, waiter, nowMillis, FRESH_LOOKUPS);
    }

    /** The same for one that has waited: new ones keep a reserve, or a crowd of silent ones would wait before them. */
    boolean askAgain(String domain, Waiter waiter, long nowMillis) {
        return ask(domain, waiter, nowMillis, FRESH_LOOKUPS - RESERVED_LOOKUPS);
    }

    private boolean ask(String domain, Waiter waiter, long nowMillis, int places) {
        Question question = open.get(domain);
        if (question == null) {
            leavePlaces(nowMillis);
            boolean slow = known.hasFailed(domain);
            if (slow ? slowCount() >= SLOW_LOOKUPS : fresh.size() >= places) {
                return false;
            }
            question = new Question(nowMillis, System.nanoTime(), new ArrayList<>(1));
            open.put(domain, question);
            if (!slow) {
                fresh.put(domain, question);
            }
            metrics.inFlight().inc();
            send(domain, question);
        }
        if (!question.waiters().contains(waiter)) {
            question.waiters().add(waiter);
        }
        return true;
    }

    private int slowCount() {
        return open.size() - fresh.size();
    }

    private void leavePlaces(long nowMillis) {
        Iterator<Question> oldest = fresh.values().iterator();
        while (oldest.hasNext() && slowCount() < SLOW_LOOKUPS) {
            if (nowMillis - oldest.next().askedAtMillis() < FRESH_MILLIS) {
                return;
            }
            oldest.remove();
        }
    }

    private void send(String domain, Question question) {
        try {
            lookups.exchangersOf(domain)
                    .whenComplete((answer, fault) -> arrived(
                            domain,
                            question,
                            fault == null ? answer : new MxAnswer.Unanswered(fault.toString(), true)));
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("domain", domain).setCause(fault).log("lookup failed in a way nobody foresaw");
            arrived(domain, question, new MxAnswer.Unanswered(fault.toString(), true));
        }
    }

    /** On whatever thread the answer came. */
    private void arrived(String domain, Question question, MxAnswer answer) {
        metrics.inFlight().dec();
        answers.add(new Answered(domain, question, answer, System.nanoTime()));
    }

    /** Takes in what was answered since, and gives up on what was asked too long ago. */
    void collect(long nowMillis) {
        for (Answered it = answers.poll(); it != null; it = answers.poll()) {
            if (open.remove(it.domain(), it.question())) { // else it came after its time limit
                fresh.remove(it.domain());
                metrics.lookups(RouterMetrics.Result.of(it.answer()))
                        .observe((it.nanos() - it.question().askedNanos()) / 1e9);
                settle(it.domain(), it.question(), it.answer(), nowMillis);
            }
        }
        Iterator<Map.Entry<String, Question>> oldest = open.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<String, Question> next = oldest.next();
            if (nowMillis - next.getValue().askedAtMillis() < LOOKUP_LIMIT_MILLIS) {
                return;
            }
            oldest.remove();
            fresh.remove(next.getKey());
            settle(next.getKey(), next.getValue(), new MxAnswer.Unanswered("no answer in time", false), nowMillis);
        }
    }

    private void settle(String domain, Question question, MxAnswer answer, long nowMillis) {
        settle(domain, question, found(domain, answer), nowMillis + lifetimeMillis(answer));
    }

    private void settle(String domain, Question question, DomainRoute found, long untilMillis) {
        known.put(domain, found, untilMillis);
        question.waiters().forEach(waiter -> waiter.answered(domain, found));
    }

    private DomainRoute found(String domain, MxAnswer answer) {
        try {
            return plan.answered(domain, answer);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("domain", domain).setCause(fault).log("routing failed in a way nobody foresaw");
            return DomainRoute.fault(domain, fault.toString());
        }
    }

    /** A task that is going away waits for nothing any more; its answers still serve the others. */
    void forget(Waiter waiter) {
        open.values().forEach(question -> question.waiters().remove(waiter));
    }

    /** Long enough to spare DNS, short enough to follow a move; a failure only stops a storm of questions. */
    static long lifetimeMillis(MxAnswer answer) {
        return answer.match(
                hosts -> clamp(hosts.ttlSeconds(), 30, 3_600),
                nameOnly -> clamp(nameOnly.ttlSeconds(), 30, 300),
                noSuchName -> clamp(noSuchName.ttlSeconds(), 30, 300),
                unanswered -> 7_000L);
    }

    private static long clamp(long seconds, long least, long most) {
        return Math.max(least, Math.min(seconds, most)) * 1_000;
    }
}
