package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.ingress.hook.Hook;

/** Milters that behave, and that do not; real ones are met by MilterInteropTest of deploy. */
class MilterHookTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String MAIL = "Subject: s\r\nX-A: 1\r\n\tmore\r\nX-A: 2\r\n\r\n.text\r\n";
    private static final String TAKEN = "250 2.0.0 queued as ";
    private static final String FAILED = "451 4.7.1 Cannot check the message now, try again later";
    private static final int SILENT = 0x80 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x40000 | 0x80000;

    @Test
    void aMilterHearsOfTheMailWhatOtherServersTell() throws Exception {
        try (FakeMilter milter = new FakeMilter();
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            String reply = node.answerTo(MAIL);
            assertThat(reply).startsWith(TAKEN);
            assertThat(node.kept()).isEqualTo(MAIL);
            String id = "i|" + reply.substring(TAKEN.length()) + "|";
            HookedNode.await("it quits", () -> milter.heard.contains("Q"));
            assertThat(milter.heard)
                    .containsExactly(
                            "DCj|mx.example|{daemon_name}|mx.example|v|Postroad|_|unknown [127.0.0.1]|{client_name}|unknown|"
                                    + "{client_addr}|127.0.0.1|",
                            "Cunknown|4||127.0.0.1|",
                            "DH",
                            "Hclient.example|",
                            "DM" + id + "{mail_addr}|a@x.example|",
                            "M<a@x.example>|",
                            "DR" + id + "{rcpt_addr}|b@y.example|",
                            "R<b@y.example>|",
                            "DT" + id,
                            "T",
                            "LSubject|s|",
                            "LX-A|1\n\tmore|",
                            "LX-A|2|",
                            "DN" + id,
                            "N",
                            "DE" + id,
                            "E",
                            "Q");
            assertThat(milter.text.toString(ISO_8859_1)).isEqualTo(".text\r\n");
            assertThat(node.answers("m", "accept")).isEqualTo(1);
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "524288", "1048576", "849024", "655", "863"})
    void whateverItWantsToHearTheMailIsTheSame(int protocol) throws Exception {
        String large = MAIL + HookedNode.lines(300_000);
        try (FakeMilter milter = new FakeMilter().wants(protocol);
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(large)).startsWith(TAKEN);
            assertThat(node.kept()).isEqualTo(large);
        }
    }

    @Test
    void headerSectionsAreChangedWhereTheMilterSays() throws Exception {
        try (FakeMilter milter = new FakeMilter()
                        .answer(
                                'E',
                                "p",
                                "i" + FakeMilter.number(0) + "DKIM-Signature|v=1;\n\tb=x|",
                                "hX-Spam|no|",
                                "m" + FakeMilter.number(2) + "x-a||",
                                "m" + FakeMilter.number(1) + "Subject|changed|",
                                "m" + FakeMilter.number(1) + "X-New|there|",
                                "c");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(node.kept())
                    .isEqualTo("DKIM-Signature: v=1;\r\n\tb=x\r\nSubject: changed\r\nX-A: 1\r\n\tmore\r\nX-Spam: no\r\n"
                            + "X-New: there\r\n\r\n.text\r\n");
        }
    }

    /** As with other servers, which count their own Received line; ours is above all that a milter inserts. */
    @Test
    void placesAreCountedWithOurReceivedLine() throws Exception {
        try (FakeMilter milter = new FakeMilter()
                        .answer(
                                'E',
                                "i" + FakeMilter.number(2) + "X-Two|2|",
                                "i" + FakeMilter.number(1) + "X-One|1|",
                                "i" + FakeMilter.number(0) + "X-Zero|0|",
                                "i" + FakeMilter.number(-1) + "X-Less|-1|",
                                "c");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo("A: a\r\nB: b\r\n\r\n")).startsWith(TAKEN);
            assertThat(node.kept())
                    .isEqualTo("X-Less: -1\r\nX-Zero: 0\r\nX-One: 1\r\nA: a\r\nX-Two: 2\r\nB: b\r\n\r\n");
        }
    }

    /** Whatever a sender writes, a milter that removes all of it or marks each field has not failed for it. */
    @Test
    void asManyFieldsAsMayComeCanBeRemoved() throws Exception {
        String[] answers = new String[1_002];
        for (int i = 0; i < 1_000; i++) {
            answers[i] = "m" + FakeMilter.number(i + 1) + "x-" + "a".repeat(300) + "||";
        }
        answers[1_000] = "hX-Clean|yes|";
        answers[1_001] = "c";
        try (FakeMilter milter = new FakeMilter().wants(SILENT).answer('E', answers);
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            String content = ("X-" + "a".repeat(300) + ": b\r\n").repeat(100) + "C: d\r\n".repeat(900) + "\r\ntext\r\n";
            assertThat(node.answerTo(content)).startsWith(TAKEN);
            assertThat(node.kept()).isEqualTo("C: d\r\n".repeat(900) + "X-Clean: yes\r\n\r\ntext\r\n");
        }
    }

    /** Else a sender whose fields lead to it would have his mail taken unseen. */
    @Test
    void mailOfWhichItMakesTooMuchIsDeferredWhateverIsConfigured() throws Exception {
        String[] tooMany = new String[2_002];
        Arrays.fill(tooMany, "m" + FakeMilter.number(1) + "Subject|changed|");
        tooMany[2_001] = "c";
        try (FakeMilter many = new FakeMilter().answer('E', tooMany);
                FakeMilter large = new FakeMilter().answer('E', "hX|" + "y".repeat(80_000) + "|", "c");
                HookedNode changing = HookedNode.relay(hook(many, LONG, Hook.OnFailure.ACCEPT));
                HookedNode adding = HookedNode.relay(hook(large, LONG, Hook.OnFailure.ACCEPT))) {
            assertThat(changing.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(changing.answers("m", "failed")).isEqualTo(1);
            assertThat(adding.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(adding.answers("m", "failed")).isEqualTo(1);
        }
    }

    @Test
    void moreFieldsThanMailHasAreRefused() throws Exception {
        try (FakeMilter milter = new FakeMilter().wants(SILENT);
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo("a:\r\n".repeat(1_000) + "\r\ntext\r\n")).startsWith(TAKEN);
            assertThat(node.answerTo("a:\r\n".repeat(1_001) + "\r\ntext\r\n"))
                    .isEqualTo("552 5.3.4 Header section too large");
            assertThat(node.answerTo("a:\r\n".repeat(100_000))).isEqualTo("552 5.3.4 Header section too large");
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    @Test
    void macrosAreSentOfWhatItDoesNotWantToHear() throws Exception {
        try (FakeMilter milter = new FakeMilter().wants(0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x200);
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo("A: b\r\n\r\n")).startsWith(TAKEN);
            HookedNode.await("it quits", () -> milter.heard.contains("Q"));
            assertThat(milter.heard.stream().map(packet -> packet.substring(0, packet.startsWith("D") ? 2 : 1)))
                    .containsExactly("DC", "DH", "DM", "DR", "DT", "L", "DN", "DE", "E", "Q");
        }
    }

    /** Wherever it is cut: what hooks see as text is text, also where it looks like fields that a submission lacks. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            A: b|no field|Date: d|Message-ID: <m@x>||text|;  ID|DATE|A: b|no field|Date: d|Message-ID: <m@x>||text|; A
            From a Sun Mar 1 10:20|Date: d|Message-ID: <m@x>||text|;  From a Sun Mar 1 10:20|Date: d|Message-ID: <m@x>||text|; Date
            From a Sun Mar 1 10:20|Message-ID: <m@x>||text|;  DATE|From a Sun Mar 1 10:20|Message-ID: <m@x>||text|; Date
            """)
    void whatASubmissionLacksDoesNotDependOnHowItIsCut(String content, String kept, String heard) throws Exception {
        String sent = content.replace("|", "\r\n");
        int line = sent.indexOf("\r\n") + 2;
        for (int cut : new int[] {0, 3, line, sent.indexOf("\r\n", line) + 2}) {
            try (FakeMilter milter = new FakeMilter();
                    HookedNode node = HookedNode.submission(hook(milter, LONG, Hook.OnFailure.DEFER));
                    SmtpClient client = new SmtpClient(node.address())) {
                client.say("MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
                client.reply();
                client.reply();
                client.reply();
                double before = node.octetsReceived();
                client.say(sent.substring(0, cut));
                HookedNode.await("it is there", () -> node.octetsReceived() == before + cut);
                client.say(sent.substring(cut) + ".\r\n");
                String id = client.reply().substring(TAKEN.length());
                assertThat(node.kept())
                        .isEqualTo(kept.replace("ID|", "Message-ID: <" + id + "@mx.example>|")
                                .replace("DATE", "Date: Sun, 1 Mar 2026 10:20:30 +0000")
                                .replace("|", "\r\n"));
                assertThat(milter.heard).anyMatch(packet -> packet.startsWith("L" + heard + "|"));
            }
        }
    }

    @Test
    void valuesKeepTheirSpacesWhereTheMilterWantsThem() throws Exception {
        try (FakeMilter milter =
                        new FakeMilter().wants(0x100000).answer('E', "hX-One|  two spaces|", "hX-None|none|", "a");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo("A:b\r\nC:   d\r\n\r\n")).startsWith(TAKEN);
            assertThat(milter.heard).contains("LA|b|", "LC|   d|");
            assertThat(node.kept()).isEqualTo("A:b\r\nC:   d\r\nX-One:  two spaces\r\nX-None:none\r\n\r\n");
        }
    }

    @Test
    void whatASubmissionLacksIsSignedWithTheRest() throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('E', "i" + FakeMilter.number(0) + "X|y|", "c");
                HookedNode node = HookedNode.submission(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            String id = node.answerTo("Subject: s\r\nBcc: secret@x.example\r\n\r\ntext\r\n")
                    .substring(TAKEN.length());
            String date = "Date: Sun, 1 Mar 2026 10:20:30 +0000\r\n";
            assertThat(milter.heard)
                    .contains("LMessage-ID|<" + id + "@mx.example>|", "LSubject|s|")
                    .noneMatch(line -> line.contains("secret"));
            assertThat(node.kept())
                    .isEqualTo("X: y\r\nMessage-ID: <" + id + "@mx.example>\r\n" + date + "Subject: s\r\n\r\ntext\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "just text\\r\\n",
                "'\\r\\nafter an empty line\\r\\n'",
                "A: b\\r\\nno field\\r\\nC: d\\r\\n\\r\\n",
                "A: b\\r\\n",
                "''"
            })
    void contentWithoutAHeaderSectionOrWithoutTextStaysAsItIs(String escaped) throws Exception {
        String content = escaped.replace("\\r", "\r").replace("\\n", "\n");
        try (FakeMilter milter = new FakeMilter();
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(content)).startsWith(TAKEN);
            assertThat(node.kept()).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            C; r;                          550 5.7.1 Message refused by policy;                    reject
            M; t;                          451 4.7.1 Message deferred by policy, try again later;  defer
            R; y550 5.1.1 Nobody%% here|;  550 5.1.1 Nobody% here;                                 reject
            L; r;                          550 5.7.1 Message refused by policy;                    reject
            B; y451 4.7.1 Wait|;           451 4.7.1 Wait;                                         defer
            E; y550 5.7.1 Virus|;          550 5.7.1 Virus;                                        reject
            E; d;                          550 5.7.1 Message refused by policy;                    reject
            E; qwhy|;                      550 5.7.1 Message refused by policy;                    reject
            E; bother text;                451 4.7.1 Cannot check the message now, try again later; failed
            E; +<x@y.example>|;            451 4.7.1 Cannot check the message now, try again later; failed
            E; hno name|x|;                451 4.7.1 Cannot check the message now, try again later; failed
            E; hX;                         451 4.7.1 Cannot check the message now, try again later; failed
            L; s;                          451 4.7.1 Cannot check the message now, try again later; failed
            E; y250 2.0.0 fine|;           451 4.7.1 Cannot check the message now, try again later; failed
            O; x;                          451 4.7.1 Cannot check the message now, try again later; failed
            O; O12;                        451 4.7.1 Cannot check the message now, try again later; failed
            H; '';                         451 4.7.1 Cannot check the message now, try again later; failed
            """)
    void whatItSaysIsTheReply(char command, String answer, String reply, String result) throws Exception {
        try (FakeMilter milter = new FakeMilter().answer(command, answer);
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(reply);
            assertThat(node.envelopes()).isEmpty();
            assertThat(node.answers("m", result)).isEqualTo(1);
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
            HookedNode.await("it is left alone", () -> milter.ended.get() == 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"O", "C", "M", "T", "L", "B", "E"})
    void oneThatStopsOrHangsUpIsAFailure(char command) throws Exception {
        String large = MAIL + HookedNode.lines(400_000);
        try (FakeMilter stopped = new FakeMilter().stopAt(command);
                FakeMilter gone = new FakeMilter().hangUpAt(command);
                HookedNode deferring = HookedNode.relay(hook(stopped, SHORT, Hook.OnFailure.DEFER));
                HookedNode accepting = HookedNode.relay(hook(stopped, SHORT, Hook.OnFailure.ACCEPT));
                HookedNode leftAlone = HookedNode.relay(hook(gone, LONG, Hook.OnFailure.DEFER))) {
            assertThat(deferring.answerTo(large)).isEqualTo(FAILED);
            assertThat(deferring.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(accepting.answerTo(large)).startsWith(TAKEN);
            assertThat(accepting.kept()).isEqualTo(large);
            assertThat(leftAlone.answerTo(large)).isEqualTo(FAILED);
            assertThat(deferring.answers("m", "failed")).isEqualTo(2);
            assertThat(accepting.answers("m", "failed")).isEqualTo(1);
            HookedNode.await("memory is given back", () -> deferring.octetsHeld() + accepting.octetsHeld() == 0);
        }
    }

    /** Its text is gone to Kafka before it is refused, and is never referred to. */
    @Test
    void largeContentStreamsToItAndToKafkaWhileItArrives() throws Exception {
        String large = MAIL + HookedNode.lines(20_000_000);
        try (FakeMilter milter = new FakeMilter().answer('E', "hX-Seen|yes|", "c");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(large)).startsWith(TAKEN);
            assertThat(milter.text.toString(ISO_8859_1)).isEqualTo(large.substring(large.indexOf("\r\n\r\n") + 4));
            assertThat(node.kept()).isEqualTo(large.replaceFirst("\r\n\r\n", "\r\nX-Seen: yes\r\n\r\n"));
        }
    }

    @Test
    void oneThatSkipsTheRestIsAskedForItsVerdictAlone() throws Exception {
        String large = MAIL + HookedNode.lines(1_000_000);
        try (FakeMilter milter = new FakeMilter().answer('B', "s");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(large)).startsWith(TAKEN);
            assertThat(milter.textOctets.get()).isLessThanOrEqualTo(65_535);
            assertThat(node.kept()).isEqualTo(large);
        }
    }

    /** While it does not take text, its client is not read from, and nothing gathers. */
    @Test
    void aMilterThatIsSlowStopsItsClient() throws Exception {
        for (int protocol : new int[] {0, SILENT}) {
            try (FakeMilter milter = new FakeMilter().wants(protocol).stopAt('B');
                    HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER));
                    Socket client = new Socket(
                            node.address().getAddress(), node.address().getPort())) {
                byte[] begin = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n\r\n".getBytes(ISO_8859_1);
                byte[] text = HookedNode.lines(1_000_000).getBytes(ISO_8859_1);
                AtomicLong written = new AtomicLong();
                Thread flood = new Thread(() -> {
                    try {
                        client.getOutputStream().write(begin);
                        for (int i = 0; i < 40; i++) {
                            client.getOutputStream().write(text);
                            written.addAndGet(text.length);
                        }
                        client.getOutputStream().write(".\r\nQUIT\r\n".getBytes(ISO_8859_1));
                    } catch (java.io.IOException e) {
                        written.set(-1);
                    }
                });
                flood.start();
                long seen;
                do {
                    seen = written.get();
                    flood.join(500);
                } while (written.get() != seen);
                assertThat(seen).isLessThan(30L * text.length);
                assertThat(node.octetsHeld()).isLessThan(3_000_000);
                milter.release();
                String said = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
                assertThat(said).contains("\r\n" + TAKEN);
                assertThat(milter.textOctets.get()).isEqualTo(40L * text.length);
            }
        }
    }

    @Test
    void oneThatIsAtWorkIsWaitedFor() throws Exception {
        try (FakeMilter milter = new FakeMilter().answer('E', "p", "p", "a");
                HookedNode node = HookedNode.relay(hook(milter, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
        }
    }

    @Test
    void aSocketOfTheFileSystemThatIsNotThereIsAFailure() throws Exception {
        Hook hook = new Hook(
                "m",
                null,
                org.postroad.ingress.hook.HookAddress.ofMilter("unix:/nowhere/m.sock"),
                LONG,
                Hook.OnFailure.DEFER);
        try (HookedNode node = HookedNode.relay(hook)) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
        }
    }

    @Test
    void severalMiltersSeeOneMailAndAllChangeIt() throws Exception {
        try (FakeMilter first = new FakeMilter().answer('E', "hX-First|1|", "c");
                FakeMilter second =
                        new FakeMilter().answer('E', "hX-Second|2|", "m" + FakeMilter.number(1) + "X-First||", "c");
                HookedNode node = HookedNode.relay(
                        HookedNode.milter("first", first.port(), LONG, Hook.OnFailure.DEFER),
                        HookedNode.milter("second", second.port(), LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(node.kept()).isEqualTo(MAIL.replace("\r\n\r\n", "\r\nX-Second: 2\r\n\r\n"));
        }
    }

    private static Hook hook(FakeMilter milter, Duration timeout, Hook.OnFailure onFailure) {
        return HookedNode.milter("m", milter.port(), timeout, onFailure);
    }
}
