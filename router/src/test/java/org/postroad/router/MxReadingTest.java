package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class MxReadingTest {
    private static final Name ASKED = Name.fromConstantString("some.example.");

    @Test
    void readsHostsWithTheirShortestLife() throws Exception {
        Message message = answer(Rcode.NOERROR, "some.example. MX 300 10 a.example.", "SOME.example. MX 60 0 .");
        assertThat(read(message)).isEqualTo(new Hosts(List.of(new MxHost("a.example", 10), new MxHost("", 0)), 60));
    }

    @Test
    void followsAliasesWithinTheMessage() throws Exception {
        Message message = answer(
                Rcode.NOERROR,
                "two.example. CNAME 300 three.example.",
                "some.example. CNAME 300 two.example.",
                "three.example. MX 300 10 a.example.");
        assertThat(read(message)).isEqualTo(new Hosts(List.of(new MxHost("a.example", 10)), 300));
    }

    @Test
    void anotherNamesHostsAreNotThisOnes() throws Exception {
        assertThat(read(answer(Rcode.NOERROR, "other.example. MX 300 10 evil.example.")))
                .isInstanceOf(NameOnly.class);
    }

    @Test
    void anAliasThatTheServerLeftOpenIsAskedForNext() throws Exception {
        MxReading reading = MxReading.of(ASKED, answer(Rcode.NOERROR, "some.example. CNAME 300 two.example."));
        assertThat(reading.answer()).isNull();
        assertThat(reading.alias()).isEqualTo(Name.fromString("two.example."));
    }

    @Test
    void anAliasOfANameWithoutMxIsNotAskedForAgain() throws Exception {
        Message message = answer(Rcode.NOERROR, "some.example. CNAME 300 two.example.");
        message.addRecord(record("example. SOA 100 ns.example. h.example. 1 1 1 1 70"), Section.AUTHORITY);
        assertThat(read(message)).isEqualTo(new NameOnly(70));
    }

    @Test
    void aCircleOfAliasesIsNoAnswer() throws Exception {
        Message message =
                answer(Rcode.NOERROR, "some.example. CNAME 300 two.example.", "two.example. CNAME 300 some.example.");
        assertThat(read(message)).isInstanceOf(Unanswered.class);
    }

    @Test
    void noIsNoForAsLongAsItsZoneSays() throws Exception {
        Message message = answer(Rcode.NXDOMAIN);
        message.addRecord(record("example. SOA 100 ns.example. h.example. 1 1 1 1 3600"), Section.AUTHORITY);
        assertThat(read(message)).isEqualTo(new NoSuchName(100));
    }

    @Test
    void everyOtherCodeIsNoAnswer() throws Exception {
        for (int rcode : new int[] {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR, Rcode.NOTIMP}) {
            assertThat(read(answer(rcode))).isInstanceOf(Unanswered.class);
        }
    }

    private static MxAnswer read(Message message) {
        return Objects.requireNonNull(MxReading.of(ASKED, message).answer());
    }

    private static Message answer(int rcode, String... records) throws Exception {
        Message message = new Message();
        Header header = message.getHeader();
        header.setRcode(rcode);
        for (String record : records) {
            message.addRecord(record(record), Section.ANSWER);
        }
        return message;
    }

    /** "name TYPE ttl data" */
    private static Record record(String text) throws Exception {
        String[] words = text.split(" ", 4);
        Name name = Name.fromString(words[0]);
        return Record.fromString(name, Type.value(words[1]), DClass.IN, Long.parseLong(words[2]), words[3], Name.root);
    }
}
