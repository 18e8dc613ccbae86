package org.postroad.testkit;

import java.io.IOException;
import java.util.Arrays;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What name servers say that are wrong but not by a code. */
final class WrongAnswers {
    private static final Name OTHER = Name.fromConstantString("other.invalid.");
    private static final long TTL = 300;

    private WrongAnswers() {}

    static Message lame(Message query) {
        Message answer = ZoneAnswers.blank(query, Rcode.NOERROR);
        answer.getHeader().unsetFlag(Flags.RA);
        return answer;
    }

    static Message referral(Message query) {
        Message answer = ZoneAnswers.blank(query, Rcode.NOERROR);
        Name server = Name.fromConstantString("a.root-servers.net.");
        answer.addRecord(new NSRecord(Name.root, DClass.IN, TTL, server), Section.AUTHORITY);
        return answer;
    }

    static Message otherQuestion(Message query) {
        Message answer = ZoneAnswers.blank(query, Rcode.NOERROR);
        answer.removeAllRecords(Section.QUESTION);
        int type = query.getQuestion().getType();
        answer.addRecord(Record.newRecord(OTHER, type, DClass.IN), Section.QUESTION);
        answer.addRecord(other(type), Section.ANSWER);
        return answer;
    }

    static Message otherNames(Message query) {
        Message answer = ZoneAnswers.blank(query, Rcode.NOERROR);
        answer.addRecord(other(query.getQuestion().getType()), Section.ANSWER);
        return answer;
    }

    private static Record other(int type) {
        String data =
                switch (type) {
                    case Type.A -> "192.0.2.66";
                    case Type.AAAA -> "2001:db8::66";
                    default -> "10 wrong.invalid.";
                };
        try {
            return Record.fromString(OTHER, type, DClass.IN, TTL, data, Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException("no record of another name of type " + Type.string(type), e);
        }
    }

    static Message truncated(Message query) {
        Message answer = ZoneAnswers.blank(query, Rcode.NOERROR);
        answer.getHeader().setFlag(Flags.TC);
        return answer;
    }

    static byte[] firstHalf(byte[] answer) {
        return Arrays.copyOf(answer, answer.length / 2);
    }
}
