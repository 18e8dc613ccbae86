package org.postroad.router;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Body;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.RequireTls;
import org.postroad.schemas.Ret;

class BouncesTest {
    private static final LastReply REFUSED =
            new LastReply(550, "5.1.1", "no such user", "mx.gone.example[192.0.2.5]:25", Mails.ACCEPTED_AT + 5_000);
    private static final LastReply OURS = new LastReply(556, "5.1.10", "null MX", null, Mails.ACCEPTED_AT + 5_000);
    private static final LastReply TAKEN =
            new LastReply(250, "2.6.0", "taken", "mx.there.example[192.0.2.6]:25", Mails.ACCEPTED_AT + 5_000);
    private static final String HEADERS = "Subject: hello\r\nTo: <r@gone.example>\r\n";
    private static final long NOW = Mails.ACCEPTED_AT + 60_000;

    private final RouterConfig config = Mails.config(Path.of("unused"), List.of(), List.of());
    private final Bounces bounces = new Bounces(config, new QueueIds(Clock.systemUTC(), new Random(3)));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    s@origin.example | ''            | true
                    s@origin.example | FAILURE       | true
                    s@origin.example | FAILURE DELAY | true
                    s@origin.example | NEVER         | false
                    s@origin.example | NEVER FAILURE | false
                    s@origin.example | DELAY         | false
                    s@origin.example | SUCCESS DELAY | false
                    ''               | ''            | false
                    ''               | FAILURE       | false
                    """)
    void bouncesToWhoeverWantsToHearOfIt(String reversePath, String notify, boolean bounced) {
        Notify[] wanted = Stream.of(notify.split(" "))
                .filter(word -> !word.isEmpty())
                .map(Notify::valueOf)
                .toArray(Notify[]::new);
        Failure failure = failure(reversePath, Mails.answered("r@gone.example", REFUSED, wanted));
        assertThat(bounces.of(failure, NOW) != null).isEqualTo(bounced);
    }

    @Test
    void reportsOnlyThoseThatTheSenderWantsToHearOf() {
        Failure failure = failure(
                "s@origin.example",
                Mails.answered("loud@gone.example", REFUSED),
                Mails.answered("quiet@gone.example", REFUSED, Notify.NEVER));
        assertThat(text(bounce(failure))).contains("loud@gone.example").doesNotContain("quiet@gone.example");
    }

    @Test
    void isAMessageOfItsOwn() {
        Envelope bounce = bounce(failure("s@origin.example", Mails.answered("r@gone.example", REFUSED)));
        assertThat(bounce.getReversePath()).isEmpty();
        assertThat(bounce.getRecipients())
                .containsExactly(new Recipient("s@origin.example", List.of(Notify.NEVER), null, 0, 0, null));
        assertThat(bounce.getParent()).isEqualTo(new Parent(Mails.QUEUE_ID, Cause.BOUNCE));
        assertThat(QueueIds.isQueueId(bounce.getQueueId())).isTrue();
        assertThat(bounce.getExpiry()).isEqualTo(NOW + Duration.ofDays(1).toMillis());
        assertThat(bounce.getBody()).isEqualTo(Body.SEVEN_BIT);
        assertThat(bounce.getSmtpUtf8()).isFalse();
    }

    /** RFC 8689 section 5. */
    @ParameterizedTest
    @CsvSource({"true, text/rfc822-headers", "false, message/rfc822"})
    void aReportOfMailThatRequiresTlsRequiresItTooAndHasNoContent(boolean requires, String returned) {
        Envelope plain =
                Mails.of(Mails.QUEUE_ID, "s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED)), null);
        Envelope sent = Envelope.newBuilder(asking(Ret.FULL, plain))
                .setRequires(RequireTls.with(null, requires))
                .build();
        Envelope bounce = bounce(Mails.failure(sent, FailureReason.BOUNCED, HEADERS));
        assertThat(RequireTls.isAskedFor(bounce)).isEqualTo(requires);
        assertThat(parse(bounce).parts().get(2).type()).isEqualTo(returned);
    }

    @Test
    void readsAsADeliveryStatus() {
        Recipient recipient =
                new Recipient("r@gone.example", List.of(), "rfc822;first+2Bname@old.example", 3, 0, REFUSED);
        Envelope envelope = Mails.of(Mails.QUEUE_ID, "s@origin.example", List.of(recipient), "QQ+2B314");
        ParsedPart report = parse(bounce(Mails.failure(envelope, FailureReason.BOUNCED, HEADERS)));

        assertThat(report.type()).startsWith("multipart/report; report-type=delivery-status; boundary=");
        assertThat(report.fields())
                .containsEntry("From", "Mail Delivery System <postmaster@mail.example>")
                .containsEntry("To", "<s@origin.example>")
                .containsEntry("Auto-Submitted", "auto-replied")
                .containsEntry("Date", "Tue, 14 Nov 2023 22:14:20 +0000")
                .containsEntry("MIME-Version", "1.0")
                .containsKeys("Message-ID", "Subject");
        assertThat(report.parts())
                .extracting(ParsedPart::type)
                .containsExactly("text/plain; charset=us-ascii", "message/delivery-status", "text/rfc822-headers");
        assertThat(report.parts().get(0).text())
                .contains("<r@gone.example>", "mx.gone.example[192.0.2.5]:25 said: 550 5.1.1 no such user");
        assertThat(report.parts().get(1).statusFields())
                .containsExactly(
                        Map.of(
                                "Reporting-MTA", "dns; mail.example",
                                "Original-Envelope-Id", "QQ+314",
                                "X-Postroad-Queue-ID", Mails.QUEUE_ID,
                                "X-Postroad-Sender", "rfc822; s@origin.example",
                                "Arrival-Date", "Tue, 14 Nov 2023 22:13:20 +0000"),
                        Map.of(
                                "Original-Recipient", "rfc822; first+name@old.example",
                                "Final-Recipient", "rfc822; r@gone.example",
                                "Action", "failed",
                                "Status", "5.1.1",
                                "Remote-MTA", "dns; mx.gone.example",
                                "Diagnostic-Code", "smtp; 550 5.1.1 no such user",
                                "Last-Attempt-Date", "Tue, 14 Nov 2023 22:13:25 +0000"));
        assertThat(report.parts().get(2).text()).isEqualTo(HEADERS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    s@origin.example | ''              | false
                    s@origin.example | SUCCESS         | true
                    s@origin.example | SUCCESS FAILURE | true
                    s@origin.example | FAILURE DELAY   | false
                    s@origin.example | NEVER           | false
                    s@origin.example | NEVER SUCCESS   | false
                    ''               | SUCCESS         | false
                    """)
    void tellsOfMailSentOnWhoeverAskedForIt(String reversePath, String notify, boolean told) {
        Notify[] wanted = Stream.of(notify.split(" "))
                .filter(word -> !word.isEmpty())
                .map(Notify::valueOf)
                .toArray(Notify[]::new);
        Envelope sent = Mails.from(reversePath, List.of(Mails.answered("r@there.example", TAKEN, wanted)));
        assertThat(bounces.of(Mails.failure(sent, FailureReason.DROPPED, HEADERS), NOW))
                .as("nobody hears of what an operator drops")
                .isNull();
        assertThat(bounces.of(Mails.failure(sent, FailureReason.RELAYED, HEADERS), NOW) != null)
                .isEqualTo(told);
    }

    @Test
    void aReportOfMailSentOnReadsAsOne() {
        Recipient recipient =
                new Recipient("r@there.example", List.of(Notify.SUCCESS), "rfc822;first@old.example", 1, 0, TAKEN);
        Envelope sent = asking(Ret.FULL, Mails.of(Mails.QUEUE_ID, "s@origin.example", List.of(recipient), "QQ314"));
        ParsedPart report = parse(bounce(Mails.failure(sent, FailureReason.RELAYED, HEADERS)));
        assertThat(report.fields()).containsEntry("Subject", "Mail sent on");
        assertThat(report.parts().get(0).text()).contains("send no reports").doesNotContain("could not be delivered");
        assertThat(report.parts().get(1).statusFields().get(0)).containsEntry("Original-Envelope-Id", "QQ314");
        assertThat(report.parts().get(1).statusFields().get(1))
                .containsEntry("Original-Recipient", "rfc822; first@old.example")
                .containsEntry("Final-Recipient", "rfc822; r@there.example")
                .containsEntry("Action", "relayed")
                .containsEntry("Status", "2.6.0")
                .containsEntry("Diagnostic-Code", "smtp; 250 2.6.0 taken");
        // RFC 3461 section 4.3: RET speaks of failures alone.
        assertThat(report.parts().get(2).type()).isEqualTo("text/rfc822-headers");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    FULL | message/rfc822      | 'Subject: hello;;hello;'
                    HDRS | text/rfc822-headers | 'Subject: hello;To: <r@gone.example>;'
                         | text/rfc822-headers | 'Subject: hello;To: <r@gone.example>;'
                    """)
    void returnsAsMuchAsTheSenderWants(Ret ret, String type, String returned) {
        Envelope failed =
                asking(ret, Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED))));
        ParsedPart part = parse(bounce(Mails.failure(failed, FailureReason.BOUNCED, HEADERS)))
                .parts()
                .get(2);
        assertThat(part.type()).isEqualTo(type);
        assertThat(new String(part.content(), UTF_8)).isEqualTo(returned.replace(";", "\r\n"));
    }

    @Test
    void anOriginalRecipientInUtf8MakesTheReportInternational() {
        Recipient recipient =
                new Recipient("r@gone.example", List.of(), "utf-8;j\u00fcrgen@old.example", 1, 0, REFUSED);
        Envelope envelope = Mails.from("s@origin.example", List.of(recipient));
        ParsedPart status = parse(bounce(Mails.failure(envelope, FailureReason.BOUNCED, HEADERS)))
                .parts()
                .get(1);
        assertThat(status.type()).isEqualTo("message/global-delivery-status");
        assertThat(new String(status.content(), UTF_8))
                .contains("Original-Recipient: utf-8; j\u00fcrgen@old.example\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "'Received: x;Message-ID: <y>;', HDRS, 'Received: x;Message-ID: <y>;Subject: hello;To: <r@gone.example>;'",
        "'Received: x;Message-ID: <y>;', FULL, 'Received: x;Message-ID: <y>;Subject: hello;;hello;'",
        "'Message-ID: <y>;;', HDRS, 'Message-ID: <y>;;'",
    })
    void whatWasAddedIsReturnedToo(String added, Ret ret, String returned) {
        Envelope failed =
                asking(ret, Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED))));
        ByteBuffer prepend = ByteBuffer.wrap(added.replace(";", "\r\n").getBytes(UTF_8));
        Envelope sent = Envelope.newBuilder(failed).setPrepend(prepend).build();
        ParsedPart part = parse(bounce(Mails.failure(sent, FailureReason.BOUNCED, HEADERS)))
                .parts()
                .get(2);
        assertThat(new String(part.content(), UTF_8)).isEqualTo(returned.replace(";", "\r\n"));
    }

    private static Envelope asking(Ret ret, Envelope envelope) {
        return Envelope.newBuilder(envelope).setRet(ret).build();
    }

    @Test
    void namesNoRemoteWhenNoneSaidIt() {
        Map<String, String> fields = statusOf(failure("s@origin.example", Mails.answered("r@gone.example", OURS)));
        assertThat(fields)
                .doesNotContainKey("Remote-MTA")
                .containsEntry("Status", "5.1.10")
                .containsEntry("Diagnostic-Code", "X-Postroad; 556 5.1.10 null MX");
    }

    @Test
    void anExpiredMailSaysSoAndWhatTheRemoteSaidLast() {
        LastReply busy = new LastReply(451, "4.7.1", "try later", "mx.gone.example[192.0.2.5]:25", NOW);
        Envelope envelope = Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", busy)));
        assertThat(statusOf(Mails.failure(envelope, FailureReason.EXPIRED, HEADERS)))
                .containsEntry("Action", "failed")
                .containsEntry("Status", "4.4.7")
                .containsEntry("Diagnostic-Code", "smtp; 451 4.7.1 try later");
    }

    @Test
    void theNoticeOfAnExpiredMailSaysThatItMayHaveArrived() {
        LastReply doubt = new LastReply(451, "4.4.2", InDoubt.WORDS + ": lost", "mx.gone.example[192.0.2.5]:25", NOW);
        LastReply busy = new LastReply(451, "4.7.1", "try later", "mx.gone.example[192.0.2.5]:25", NOW);
        for (LastReply last : List.of(doubt, InDoubt.kept(doubt, busy), busy)) {
            Envelope envelope = Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", last)));
            boolean says = text(bounce(Mails.failure(envelope, FailureReason.EXPIRED, HEADERS)))
                    .contains("It may have arrived all the same");
            assertThat(says).isEqualTo(!last.equals(busy));
        }
    }

    @Test
    void aRecipientWithoutAnyReplyIsReportedStill() {
        assertThat(statusOf(failure("s@origin.example", Mails.recipient("r@gone.example"))))
                .containsEntry("Status", "5.0.0")
                .doesNotContainKeys("Diagnostic-Code", "Last-Attempt-Date");
    }

    @Test
    void aHostileReplyStaysInItsField() {
        String evil = "no\r\nX-Evil: 1\r\n\r\n--=_\u0000\u001b[31m\u2028 \u00fcmlaut " + "w".repeat(400);
        LastReply reply = new LastReply(550, "5.1.1\r\nX-Evil: 2", evil, "mx\r\n[x]:25", NOW);
        Recipient recipient = new Recipient("r@gone.example", List.of(), "rfc822;a+0D+0AX-Evil:+203", 1, 0, reply);
        Envelope envelope = Mails.of(Mails.QUEUE_ID, "s@origin.example", List.of(recipient), "a+0D+0AX-Evil:+204");
        Envelope bounce = bounce(Mails.failure(envelope, FailureReason.BOUNCED, HEADERS));
        ParsedPart report = parse(bounce);
        assertThat(report.parts()).hasSize(3);
        report.parts().get(1).statusFields().forEach(fields -> assertThat(fields)
                .allSatisfy((name, value) -> assertThat(name).doesNotContain("X-Evil")));
        assertThat(report.parts().get(1).text().chars())
                .allMatch(c -> c == '\r' || c == '\n' || (c >= ' ' && c < 0x7F));
        assertThat(text(bounce).split("\r\n")).allMatch(line -> line.length() <= 998);
        assertThat(text(bounce).replace("\r\n", "")).doesNotContain("\r", "\n", "\u0000", "\u001b");
    }

    @Test
    void aReplyOfSpacesMakesNoBlankLine() {
        LastReply reply = new LastReply(550, "5.1.1", "a" + " ".repeat(300) + "b".repeat(200), null, NOW);
        Recipient recipient = Mails.answered("\"a" + " ".repeat(60) + "b\"@" + "c".repeat(60) + ".example", reply);
        String status = parse(bounce(failure("s@origin.example", recipient)))
                .parts()
                .get(1)
                .text();
        assertThat(status.split("\r\n")).allMatch(line -> line.isEmpty() || !line.isBlank());
        assertThat(status).contains(" ".repeat(40));
    }

    @Test
    void anInternationalAddressTakesTheInternationalForm() {
        Envelope bounce = bounce(failure("süd@origin.example", Mails.answered("björn@gone.example", REFUSED)));
        ParsedPart report = parse(bounce);
        assertThat(bounce.getSmtpUtf8()).isTrue();
        assertThat(bounce.getBody()).isEqualTo(Body.EIGHT_BIT_MIME);
        assertThat(report.fields()).containsEntry("Content-Transfer-Encoding", "8bit");
        ParsedPart status = report.parts().get(1);
        assertThat(status.type()).isEqualTo("message/global-delivery-status");
        assertThat(new String(status.content(), UTF_8)).contains("Final-Recipient: utf-8; björn@gone.example\r\n");
    }

    @Test
    void anInternationalDomainAloneNeedsNoInternationalForm() {
        Envelope bounce = bounce(failure("info@gr\u00e5.example", Mails.answered("r@b\u00fccher.example", REFUSED)));
        assertThat(bounce.getSmtpUtf8()).isFalse();
        assertThat(bounce.getBody()).isEqualTo(Body.SEVEN_BIT);
        assertThat(parse(bounce).fields()).containsEntry("To", "<info@xn--gr-zia.example>");
        ParsedPart status = parse(bounce).parts().get(1);
        assertThat(status.type()).isEqualTo("message/delivery-status");
        assertThat(status.text()).contains("Final-Recipient: rfc822; r@xn--bcher-kva.example\r\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Subject: plain      | text/rfc822-headers
                    Subject: grün       | message/global-headers
                    Subject: gr\\u00ff\\u00fen | text/rfc822-headers
                    """)
    void returnsTheHeaderSectionExactly(String headers, String type) {
        byte[] octets = headers.contains("grün")
                ? (headers + "\r\n").getBytes(UTF_8)
                : (headers.replace("\\u00ff\\u00fe", "\u00ff\u00fe") + "\r\n").getBytes(ISO_8859_1);
        Envelope envelope = Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED)));
        Failure failure = new Failure(
                envelope, "gone.example", "gone.example", FailureReason.BOUNCED, NOW, ByteBuffer.wrap(octets), null);
        ParsedPart part = parse(bounce(failure)).parts().get(2);
        assertThat(part.type()).isEqualTo(type);
        assertThat(part.content()).isEqualTo(octets);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Subject: cut he", "Subject: cut here\r"})
    void aHeaderSectionThatWasCutStillEndsItsLine(String cut) {
        Envelope envelope = Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED)));
        ParsedPart report = parse(bounce(Mails.failure(envelope, FailureReason.BOUNCED, cut)));
        assertThat(report.parts()).hasSize(3);
        assertThat(report.text().replace("\r\n", "")).doesNotContain("\r", "\n");
    }

    @Test
    void theBoundaryOccursInNoPart() {
        Envelope envelope = Mails.from("s@origin.example", List.of(Mails.answered("r@gone.example", REFUSED)));
        String queueId = "01HF7YAT0000000000000000CD";
        Failure failure = Mails.failure(envelope, FailureReason.BOUNCED, "X: --=_" + queueId + "_0\r\n");
        byte[] content = new DeliveryReport(config, queueId, failure, envelope.getRecipients(), NOW).content();
        assertThat(ParsedPart.of(content).type()).contains("=_" + queueId + "_1");
    }

    @Test
    void longListsOfRecipientsKeepTheirLinesShort() {
        Recipient[] recipients = new Recipient[100];
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] = Mails.answered("l".repeat(64) + "@" + "d".repeat(60) + ".example", REFUSED);
        }
        assertThat(text(bounce(failure("s@origin.example", recipients))).split("\r\n"))
                .allMatch(line -> line.length() < 200);
    }

    private static Failure failure(String reversePath, Recipient... recipients) {
        return Mails.failure(Mails.from(reversePath, List.of(recipients)), FailureReason.BOUNCED, HEADERS);
    }

    private Map<String, String> statusOf(Failure failure) {
        return parse(bounce(failure)).parts().get(1).statusFields().get(1);
    }

    private Envelope bounce(Failure failure) {
        Envelope bounce = bounces.of(failure, NOW);
        assertThat(bounce).isNotNull();
        return bounce;
    }

    private static ParsedPart parse(Envelope bounce) {
        return ParsedPart.of(content(bounce));
    }

    private static String text(Envelope bounce) {
        return new String(content(bounce), ISO_8859_1);
    }

    private static byte[] content(Envelope bounce) {
        ByteBuffer octets = ((InlineContent) bounce.getContent()).getOctets().duplicate();
        byte[] content = new byte[octets.remaining()];
        octets.get(content);
        return content;
    }
}
