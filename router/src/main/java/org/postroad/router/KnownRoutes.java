package org.postroad.router;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.RouteKind;

/** Routes by domain for as long as they are good, in bounded memory: those used longest ago go first. Time is an argument. */
final class KnownRoutes {
    /** Domains and exchangers together, at up to 300 octets each: 30 MB, whatever strangers' answers are like. */
    static final int ENTRIES = 100_000;

    private record Known(DomainRoute found, long untilMillis) {
        int size() {
            return 1 + found.route().getExchangers().size();
        }
    }

    private final Map<String, Known> byDomain = new LinkedHashMap<>(1024, 0.75f, true);
    private int size;

    @Nullable
    DomainRoute get(String domain, long nowMillis) {
        Known entry = byDomain.get(domain);
        return entry != null && nowMillis < entry.untilMillis() ? entry.found() : null;
    }

    /** Whether the last lookup failed, however long ago, as far as it is remembered. */
    boolean hasFailed(String domain) {
        Known entry = byDomain.get(domain);
        RouteKind kind = entry == null ? null : entry.found().route().getKind();
        return kind == RouteKind.LOOKUP_FAILED || kind == RouteKind.FAULT;
    }

    void put(String domain, DomainRoute found, long untilMillis) {
        Known entry = new Known(found, untilMillis);
        Known before = byDomain.put(domain, entry);
        size += entry.size() - (before == null ? 0 : before.size());
        Iterator<Known> eldest = byDomain.values().iterator();
        while (size > ENTRIES) {
            size -= eldest.next().size();
            eldest.remove();
        }
    }

    /** By another plan: what was looked up stays known for as long as it is good. */
    void revise(RoutePlan plan) {
        size = 0;
        for (Iterator<Map.Entry<String, Known>> all = byDomain.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Known> one = all.next();
            Known was = one.getValue();
            DomainRoute found = plan.again(one.getKey(), was.found());
            if (found == null) {
                all.remove();
            } else {
                boolean lookedUp = plan.withoutDns(one.getKey()) == null;
                Known revised = new Known(found, lookedUp ? was.untilMillis() : Long.MAX_VALUE);
                one.setValue(revised);
                size += revised.size();
            }
        }
    }

    void clear() {
        byDomain.clear();
        size = 0;
    }

    /** Domains and their exchangers. */
    int size() {
        return size;
    }
}
