package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postroad.schemas.Mailbox;

/** Mail as a JSON request describes it, up to the octets of what is sent. */
class PostFuzzTest {
    /** Those that clients may not write themselves. */
    private static final Set<String> MADE = Set.of("from", "to", "cc", "reply-to", "subject", "mime-version");

    /** Of what is the same in all: fields of MIME and boundaries. */
    private static final long FRAME_OCTETS = 4_096;

    @FuzzTest(maxDuration = "2m")
    void whatIsTakenIsAMessageAndWhatIsNotIsToldWhy(byte[] octets) {
        try {
            Post post = PostReader.read(octets, octets.length);
            Set<Mailbox> recipients = new HashSet<>();
            for (MailPlan.Mail mail : MailPlan.of(post, Posts.MOST)) {
                mail.recipients().forEach(recipient -> assertThat(recipients.add(MailPlan.same(recipient)))
                        .isTrue());
                byte[] content = MimeComposer.compose(post, mail, Posts.SEED);
                assertThat((long) content.length)
                        .as("what is reserved for it")
                        .isLessThan(mail.octets() + FRAME_OCTETS);
                isSound(new String(content, ISO_8859_1), mail.needsSmtpUtf8(post));
            }
            assertThat(recipients).isNotEmpty();
        } catch (UnfitRequestException refused) {
            Answer answer = refused.answer();
            assertThat(answer.status()).isIn(400, 413, 422);
            assertThat(new String(answer.body(), UTF_8)).contains("\"detail\":\"");
        }
    }

    /** RFC 5322 section 2.1 and RFC 5321 section 4.5.3.1.6. */
    private static void isSound(String content, boolean global) {
        assertThat(content.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
        List<String> lines = List.of(content.split("\r\n", -1));
        assertThat(lines).allMatch(line -> line.length() <= 998);
        Set<String> seen = new HashSet<>();
        List<String> header = lines.subList(0, lines.indexOf(""));
        for (String line : header) {
            if (!line.startsWith(" ") && !line.startsWith("\t")) {
                assertThat(line).matches("[!-9;-~]+:.*");
                String name = line.substring(0, line.indexOf(':')).toLowerCase(java.util.Locale.ROOT);
                assertThat(seen.add(name) || !MADE.contains(name)).isTrue();
                assertThat(name).isNotIn("bcc", "resent-bcc", "received", "return-path");
            }
            assertThat(global || line.chars().allMatch(c -> c < 0x80)).isTrue();
        }
        assertThat(seen).contains("from", "mime-version");
    }
}
