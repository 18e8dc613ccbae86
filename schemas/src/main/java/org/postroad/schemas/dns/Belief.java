package org.postroad.schemas.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * What a name server's message is worth as an answer to a question: pure.
 *
 * <p>A name server that is wrong mostly says so by its code. The dangerous ones say NOERROR and nothing else: of a domain with exchangers
 * that would make a domain without, and its mail would go to the wrong host, or bounce.
 */
enum Belief {
    /** It says yes, or no with its zone's SOA: no other server could say it better. */
    FULL,

    /** It says no, by itself (RFC 2308 section 2, types 3 and 4): good enough where no other server says more. */
    DOUBT,

    /** It answers nothing. */
    NONE;

    static Belief in(Message query, Message reply) {
        int rcode = reply.getRcode();
        if (!isReplyTo(query, reply) || rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            return NONE;
        }
        if (rcode == Rcode.NOERROR && saysYes(query, reply) || hasAuthority(reply, Type.SOA)) {
            return FULL;
        }
        return rcode == Rcode.NXDOMAIN || !isLame(reply) && !isReferral(reply) ? DOUBT : NONE;
    }

    /** What is wrong with a message that is not believed. */
    static String fault(Message query, Message reply) {
        int rcode = reply.getRcode();
        if (!isReplyTo(query, reply)) {
            return reply.getHeader().getFlag(Flags.TC) ? "a message that was cut short" : "no reply to the question";
        }
        return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN ? "a lame answer" : Rcode.string(rcode);
    }

    private static boolean isReplyTo(Message query, Message reply) {
        Record asked = query.getQuestion();
        Record answered = reply.getQuestion();
        return reply.getHeader().getFlag(Flags.QR)
                && !reply.getHeader().getFlag(Flags.TC)
                && reply.getHeader().getOpcode() == Opcode.QUERY
                && answered != null
                && answered.getName().equals(asked.getName())
                && answered.getType() == asked.getType()
                && answered.getDClass() == asked.getDClass();
    }

    /** Whether it has what was asked for, of the name or of one that it is an alias of; an alias alone is something too. */
    static boolean saysYes(Message query, Message reply) {
        Record asked = query.getQuestion();
        List<Record> records = reply.getSection(Section.ANSWER);
        Name name = asked.getName();
        for (int i = 0; i <= records.size(); i++) { // each turn follows one alias, so a circle ends
            @Nullable Name next = null;
            for (Record record : records) {
                boolean its = record.getName().equals(name) && record.getDClass() == asked.getDClass();
                if (its && record.getType() == asked.getType()) {
                    return true;
                }
                next = its && record instanceof CNAMERecord alias ? alias.getTarget() : next;
            }
            if (next == null) {
                return !name.equals(asked.getName());
            }
            name = next;
        }
        return true;
    }

    /** From a server that neither knows nor asks others (RFC 8499 section 7). */
    private static boolean isLame(Message reply) {
        return !reply.getHeader().getFlag(Flags.RA) && !reply.getHeader().getFlag(Flags.AA);
    }

    /** It names other servers instead (RFC 2308 section 2.2). */
    private static boolean isReferral(Message reply) {
        return hasAuthority(reply, Type.NS) && !reply.getHeader().getFlag(Flags.AA);
    }

    private static boolean hasAuthority(Message reply, int type) {
        return reply.getSection(Section.AUTHORITY).stream().anyMatch(record -> record.getType() == type);
    }
}
