package org.postroad.router;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/**
 * What one DNS message says of a name: an answer, or another name to ask for.
 *
 * <p>Only what belongs to the name, or to one that it is an alias of, is read; the rest of a message is a stranger's.
 */
record MxReading(@Nullable MxAnswer answer, Name alias) {
    /** When a message has no SOA to say how long "no" is good for; RFC 2308 section 5 would not keep it at all. */
    private static final long SHORT_SECONDS = 30;

    /** More than any kept of one answer, and a bound on what a stranger can make us hold. */
    private static final int HOSTS = 1_000;

    static MxReading of(Name asked, Message message) {
        int rcode = message.getRcode();
        if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            return new MxReading(new Unanswered("DNS: " + Rcode.string(rcode) + " for " + asked, false), asked);
        }
        List<Record> records = message.getSection(Section.ANSWER);
        Name name = asked;
        for (int i = 0; i <= records.size(); i++) { // each turn follows one alias, so a circle ends
            Name here = name;
            List<MxHost> hosts = new ArrayList<>();
            long ttl = collect(records, here, hosts);
            if (!hosts.isEmpty()) {
                return new MxReading(new Hosts(hosts, ttl), here);
            }
            Name next = aliasOf(records, here);
            if (next == null) {
                return ended(asked, here, message);
            }
            name = next;
        }
        return new MxReading(new Unanswered("DNS: aliases of " + asked + " go round in a circle", false), asked);
    }

    private static MxReading ended(Name asked, Name name, Message message) {
        Long negativeTtl = negativeTtl(message);
        long ttl = negativeTtl == null ? SHORT_SECONDS : negativeTtl;
        if (message.getRcode() == Rcode.NXDOMAIN) {
            return new MxReading(new NoSuchName(ttl), name);
        }
        // An alias without an SOA (RFC 2308 section 2.2): the server did not follow it, so that is ours to do.
        boolean unfollowed = !name.equals(asked) && negativeTtl == null;
        return new MxReading(unfollowed ? null : new NameOnly(ttl), name);
    }

    private static long collect(List<Record> records, Name name, List<MxHost> hosts) {
        long ttl = Long.MAX_VALUE;
        for (Record record : records) {
            if (record instanceof MXRecord mx && mx.getName().equals(name) && hosts.size() < HOSTS) {
                Name target = mx.getTarget();
                hosts.add(new MxHost(target.equals(Name.root) ? "" : target.toString(true), mx.getPriority()));
                ttl = Math.min(ttl, mx.getTTL());
            }
        }
        return ttl;
    }

    private static @Nullable Name aliasOf(List<Record> records, Name name) {
        for (Record record : records) {
            if (record instanceof CNAMERecord cname && cname.getName().equals(name)) {
                return cname.getTarget();
            }
        }
        return null;
    }

    private static @Nullable Long negativeTtl(Message message) {
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa) {
                return Math.min(soa.getTTL(), soa.getMinimum());
            }
        }
        return null;
    }
}
