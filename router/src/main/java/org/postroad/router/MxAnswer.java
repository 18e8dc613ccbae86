package org.postroad.router;

import java.util.List;
import java.util.function.Function;

/** What DNS said of a domain's mail exchangers. */
sealed interface MxAnswer {

    /** One MX host; the root's name, for null MX, is empty. */
    record MxHost(String name, int preference) {}

    /** At least one MX host. */
    record Hosts(List<MxHost> hosts, long ttlSeconds) implements MxAnswer {
        public Hosts {
            hosts = List.copyOf(hosts);
        }
    }

    /** The name exists without an MX host: the domain itself is the exchanger. */
    record NameOnly(long ttlSeconds) implements MxAnswer {}

    record NoSuchName(long ttlSeconds) implements MxAnswer {}

    /**
     * Neither yes nor no.
     *
     * @param fault an exception that nobody foresaw
     */
    record Unanswered(String detail, boolean fault) implements MxAnswer {}

    default <R> R match(
            Function<Hosts, R> hosts,
            Function<NameOnly, R> nameOnly,
            Function<NoSuchName, R> noSuchName,
            Function<Unanswered, R> unanswered) {
        if (this instanceof Hosts it) {
            return hosts.apply(it);
        } else if (this instanceof NameOnly it) {
            return nameOnly.apply(it);
        } else if (this instanceof NoSuchName it) {
            return noSuchName.apply(it);
        }
        return unanswered.apply((Unanswered) this);
    }
}
