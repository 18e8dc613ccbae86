package org.postroad.deliverer.address;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this host has a way to addresses of each family, learned from connections; time is an argument.
 *
 * <p>Many hosts have addresses of both families and a way out for one. A family none of whose addresses can be connected to is tried last,
 * and put first again now and then, for the mail of one route, to see whether it works. All loops share it, since it is the host's
 * network that one learns of. Asked when a connection opens or fails to, and when addresses are put in order: never for each mail.
 */
public final class AddressFamilies {
    private static final Logger LOG = LoggerFactory.getLogger(AddressFamilies.class);

    /** The system said at once that it knows no way to so many addresses, and none worked between. */
    static final int WITHOUT_ROUTE = 3;

    /** So many addresses were silent or refused, none worked between, and the other family did: a filter, or a route that leads nowhere. */
    static final int WITHOUT_ANSWER = 5;

    /** Until a family that does not work is tried first again; twice as long each time. */
    static final long FIRST_WAIT_NANOS = Duration.ofMinutes(1).toNanos();

    static final long LAST_WAIT_NANOS = Duration.ofHours(1).toNanos();

    private static final class Family {
        /** Few: enough to know that it is not one exchanger's fault. */
        private final Set<InetAddress> withoutRoute = new HashSet<>();

        private final Set<InetAddress> failing = new HashSet<>();
        private boolean otherWorked;
        private boolean down;
        private long wait;
        private long nextLookAt;
    }

    private final Family four = new Family();
    private final Family six = new Family();

    /**
     * The family whose addresses go last now; ANY for neither. Of one that is due to be looked at the first who asks hears nothing, if he
     * has addresses of it to look at.
     *
     * @param present whether there are addresses of a family
     */
    synchronized AddressFamily avoided(Predicate<AddressFamily> present, long now) {
        if (four.down == six.down) {
            return AddressFamily.ANY; // neither, or the whole network
        }
        AddressFamily avoided = four.down ? AddressFamily.IPV4 : AddressFamily.IPV6;
        Family down = of(avoided);
        if (now - down.nextLookAt < 0 || !present.test(avoided)) {
            return avoided;
        }
        down.wait = Math.min(LAST_WAIT_NANOS, 2 * down.wait);
        down.nextLookAt = now + down.wait;
        return AddressFamily.ANY;
    }

    /** A connection there came about, whatever became of it. */
    synchronized void worked(InetAddress address) {
        AddressFamily which = AddressFamily.of(address);
        Family family = of(which);
        if (family.down) {
            LOG.atInfo().addKeyValue("address", address.getHostAddress()).log("{} works again", which);
        }
        family.withoutRoute.clear();
        family.failing.clear();
        family.down = false;
        of(which.other()).otherWorked = true;
    }

    /** A connection there did not come about, or ended before it could carry mail. */
    synchronized void notOpened(InetAddress address, Breakdown why, long now) {
        if (why.step() != Step.CONNECT) {
            worked(address);
        } else if (why.kind() == Breakdown.Kind.UNREACHABLE) {
            failed(address, why, now);
        }
    }

    private void failed(InetAddress address, Breakdown why, long now) {
        AddressFamily which = AddressFamily.of(address);
        Family family = of(which);
        if (family.down) {
            return;
        }
        if (family.failing.isEmpty()) {
            family.otherWorked = false;
        }
        family.failing.add(address);
        if (why.isOfThisHost()) {
            family.withoutRoute.add(address);
        }
        if (family.withoutRoute.size() >= WITHOUT_ROUTE
                || family.failing.size() >= WITHOUT_ANSWER && family.otherWorked) {
            family.down = true;
            family.wait = FIRST_WAIT_NANOS;
            family.nextLookAt = now + family.wait;
            LOG.atWarn()
                    .addKeyValue("exchanger", address.getHostAddress())
                    .addKeyValue("reason", why.detail())
                    .log("no connection by {} succeeds: its addresses are tried last", which);
        }
    }

    private Family of(AddressFamily family) {
        return family == AddressFamily.IPV4 ? four : six;
    }
}
