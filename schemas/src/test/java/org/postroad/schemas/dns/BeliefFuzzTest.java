package org.postroad.schemas.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What a name server may send, as dnsjava reads it. */
class BeliefFuzzTest {
    private static final Record QUESTION = Record.newRecord(Name.fromConstantString("x.test."), Type.MX, DClass.IN);
    private static final Message QUERY = Message.newQuery(QUESTION);

    @FuzzTest(maxDuration = "2m")
    void nothingIsBelievedThatDoesNotAnswerTheQuestion(byte[] octets) {
        Message reply;
        try {
            reply = new Message(octets);
        } catch (IOException | IllegalArgumentException undecodable) {
            return;
        }
        Belief belief = Belief.in(QUERY, reply);
        if (belief == Belief.NONE) {
            assertThat(Belief.fault(QUERY, reply)).isNotEmpty();
            return;
        }
        assertThat(reply.getQuestion().getName()).isEqualTo(QUESTION.getName());
        assertThat(reply.getHeader().getFlag(Flags.QR)).isTrue();
        if (belief == Belief.DOUBT) {
            assertThat(reply.getSection(Section.ANSWER)).noneMatch(answer -> answer.sameRRset(QUESTION));
        }
    }
}
