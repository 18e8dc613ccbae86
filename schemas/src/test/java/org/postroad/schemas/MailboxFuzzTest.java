package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class MailboxFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsReadIsReadAgainAndFitsIntoACommand(byte[] octets) {
        String text = new String(octets, UTF_8);
        Mailbox mailbox = Mailbox.parse(text, true);
        if (mailbox != null) {
            assertThat(mailbox).hasToString(text);
            assertThat(text.chars()).noneMatch(Character::isISOControl);
            String canonical = mailbox.canonicalDomain();
            assertThat(Domain.canonical(canonical)).isEqualTo(canonical);
            assertThat(Mailbox.parse("x@" + canonical, true)).isNotNull();
        }
        Mailbox plain = Mailbox.parse(text, false);
        if (plain != null) {
            assertThat(plain).isEqualTo(mailbox);
            assertThat(Mailbox.isAscii(text)).isTrue();
        }
        OriginalRecipient original = OriginalRecipient.parse(text);
        if (original != null) {
            assertThat(original.address().chars()).noneMatch(Character::isISOControl);
        }
    }
}
