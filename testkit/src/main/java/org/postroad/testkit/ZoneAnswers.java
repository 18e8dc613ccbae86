package org.postroad.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Master;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The answers that follow from a zone text, as a recursive server would give them. */
final class ZoneAnswers {
    private static final int LONGEST_CHAIN = 16;
    private static final long NEGATIVE_TTL = 60;

    private final Map<Name, List<Record>> byName = new HashMap<>();
    /** Names that exist, if only because something exists below them (RFC 8020). */
    private final Set<Name> existing = new HashSet<>();

    /** Reads master-file syntax with names relative to the root; {@code $ORIGIN} begins another zone. */
    ZoneAnswers(String zoneText) throws IOException {
        try (Master master = new Master(
                new ByteArrayInputStream(("$TTL 60\n" + zoneText).getBytes(StandardCharsets.UTF_8)), Name.root)) {
            for (Record zoneRecord = master.nextRecord(); zoneRecord != null; zoneRecord = master.nextRecord()) {
                add(zoneRecord);
            }
        }
    }

    private void add(Record zoneRecord) {
        byName.computeIfAbsent(zoneRecord.getName(), name -> new ArrayList<>()).add(zoneRecord);
        Name name = zoneRecord.getName();
        for (int labels = 0; labels < zoneRecord.getName().labels(); labels++) {
            existing.add(name);
            name = new Name(name, 1);
        }
    }

    Message answer(Message query) {
        Message answer = blank(query, Rcode.NOERROR);
        Record question = query.getQuestion();
        Name name = question.getName();
        for (int hop = 0; hop < LONGEST_CHAIN; hop++) {
            if (!existing.contains(name)) {
                answer.getHeader().setRcode(Rcode.NXDOMAIN);
                break;
            }
            Name alias = addMatching(answer, name, question.getType());
            if (alias == null) {
                break;
            }
            name = alias;
        }
        if (answer.getSection(Section.ANSWER).isEmpty() || answer.getRcode() == Rcode.NXDOMAIN) {
            answer.addRecord(negative(name), Section.AUTHORITY);
        }
        return answer;
    }

    /** Adds what a name has of a type; tells where its alias points when that is to be followed. */
    private @Nullable Name addMatching(Message answer, Name name, int type) {
        Name alias = null;
        for (Record zoneRecord : byName.getOrDefault(name, List.of())) {
            if (zoneRecord.getType() == type || type == Type.ANY) {
                answer.addRecord(zoneRecord, Section.ANSWER);
            } else if (zoneRecord instanceof CNAMERecord cname) {
                answer.addRecord(cname, Section.ANSWER);
                alias = cname.getTarget();
            }
        }
        return alias;
    }

    static Message blank(Message query, int rcode) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        if (query.getHeader().getFlag(Flags.RD)) {
            answer.getHeader().setFlag(Flags.RD);
        }
        answer.getHeader().setRcode(rcode);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        return answer;
    }

    /** The SOA that lets resolvers keep the absence for a while (RFC 2308). */
    private static Record negative(Name name) {
        Name apex = name.labels() <= 2 ? name : new Name(name, name.labels() - 2);
        return new SOARecord(apex, DClass.IN, NEGATIVE_TTL, apex, apex, 1, 3600, 600, 86400, NEGATIVE_TTL);
    }
}
