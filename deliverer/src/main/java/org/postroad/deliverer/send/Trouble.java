package org.postroad.deliverer.send;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.Step;

/** Where one delivery went to and what broke there, for the words of its outcomes and for what not to try again. Confined to its loop. */
final class Trouble {
    private @Nullable Endpoint at;
    private @Nullable Endpoint tlsFailedAt;
    private @Nullable Breakdown last;
    private boolean wantsFreshConnection;

    /** An exchanger that could have it promises no TLS behind it. */
    private boolean unpromised;

    /** Something went wrong that may be well later. */
    private boolean mayPass;

    /** In the order in which it happened. */
    private final Set<String> brokeAt = new LinkedHashSet<>();

    /** Its turn has come, again perhaps. */
    void begin() {
        last = null;
        unpromised = false;
        mayPass = false;
    }

    /** It goes there now: by TLS or, where TLS failed it, in clear. */
    Endpoint goingTo(Endpoint endpoint) {
        at = endpoint;
        return endpoint.equals(tlsFailedAt) ? endpoint.inClear() : endpoint;
    }

    /** TLS is not asked for again there, where it has to wait for its next connection. */
    void tlsFailed(Endpoint endpoint) {
        tlsFailedAt = endpoint;
    }

    /** How the connection or the transaction ended, null for well. */
    void ended(@Nullable Breakdown why) {
        last = why;
        mayPass |= why != null && !FailurePolicy.isLackOfTls(why);
        wantsFreshConnection |= why != null && why.isOutOfSequence();
    }

    /** Who is there is well, and does not offer REQUIRETLS; the next address may. */
    void unpromised() {
        unpromised = true;
        wantsFreshConnection = true; // or it would take the same one again
    }

    /** One that had carried other mail refused it as out of sequence: it gets one of its own, which bounds such tries. */
    boolean wantsFreshConnection() {
        return wantsFreshConnection;
    }

    /** A transaction of it broke there, and the next address is tried: as soon as it has room, which may be in another turn. */
    void brokeAt(Endpoint endpoint) {
        brokeAt.add(endpoint.label());
    }

    /** The addresses where none of its transactions broke come first. */
    AddressPlan lastWhereItBroke(AddressPlan found) {
        AddressPlan plan = found;
        for (String label : brokeAt) {
            plan = plan.avoiding(label);
        }
        return plan;
    }

    /** Whether it may go in another message's flight; where that leads it may have been before. */
    boolean mayRide() {
        return !wantsFreshConnection && brokeAt.isEmpty();
    }

    /** No address is left. */
    Outcome unreachable(long nowMillis) {
        Breakdown why = last != null ? last : Breakdown.of(Breakdown.Kind.UNREACHABLE, Step.CONNECT, "no answer");
        return FailurePolicy.unreachable(why, said(nowMillis));
    }

    /** The same of mail that may go by required TLS alone, which does not wait for what no exchanger has (RFC 8689 section 4.2.1). */
    Outcome withoutPromise(long nowMillis) {
        if (mayPass || last == null && !unpromised) {
            return unreachable(nowMillis);
        }
        String detail = unpromised || last == null ? "no exchanger offers it" : last.detail();
        return RoutePolicy.withoutRequiredTls(unpromised, detail, said(nowMillis));
    }

    ReplySource said(long nowMillis) {
        return new ReplySource(at == null ? null : at.label(), nowMillis);
    }
}
