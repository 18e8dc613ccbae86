package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.Samples;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Ret;

class ReportParametersTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", textBlock = """
            null | null           | a@b.test
            FULL | null           | <a@b.test> RET=FULL
            null | QQ+2B314       | <a@b.test> ENVID=QQ+2B314
            HDRS | x              | <a@b.test> RET=HDRS ENVID=x
            null | a b            | a@b.test
            null | a+0D+0ADATA    | a@b.test
            HDRS | a=b            | <a@b.test> RET=HDRS
            null | ''             | a@b.test
            """)
    void ofTheMessage(Ret ret, String id, String argument) {
        Envelope envelope = Envelope.newBuilder(Samples.envelope("q"))
                .setRet(ret)
                .setEnvelopeId(id)
                .build();
        assertThat(ReportParameters.mail("a@b.test", envelope)).isEqualTo(argument);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", textBlock = """
            ''              | null                | a@b.test
            NEVER           | null                | <a@b.test> NOTIFY=NEVER
            SUCCESS,FAILURE | null                | <a@b.test> NOTIFY=SUCCESS,FAILURE
            ''              | rfc822;a+2Bb@c.test | <a@b.test> ORCPT=rfc822;a+2Bb@c.test
            DELAY           | utf-8;ü@c.test      | <a@b.test> NOTIFY=DELAY ORCPT=utf-8;\\x{00FC}@c.test
            ''              | rfc822;a b          | a@b.test
            ''              | rfc822;a+0Ab        | a@b.test
            DELAY           | a@b.test            | <a@b.test> NOTIFY=DELAY
            """)
    void ofARecipient(String wanted, String original, String argument) {
        List<Notify> notify = wanted.isEmpty()
                ? List.of()
                : List.of(wanted.split(",")).stream().map(Notify::valueOf).toList();
        Recipient recipient = new Recipient("a@b.test", notify, original, 0, 0, null);
        assertThat(ReportParameters.rcpt("a@b.test", recipient)).isEqualTo(argument);
    }
}
