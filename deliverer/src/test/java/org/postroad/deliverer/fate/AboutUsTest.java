package org.postroad.deliverer.fate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Reply;

class AboutUsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
                "550 5.7.1 <x>: Helo command rejected: Host not found",
                "501 5.5.4 invalid EHLO name",
                "550 5.7.25 The IP address sending this message does not have a PTR record setup",
                "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
                "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                "550 Your IP 192.0.2.1 is blacklisted",
                "550-5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Your network is on our block list (S3140)",
                "553 5.3.0 Mail from 192.0.2.1 refused, see RBL",
                "550 5.7.26 unauthenticated email from example.test is not accepted due to the domain's DMARC policy",
                "550 5.7.23 SPF validation failed",
                "530 5.7.0 Must issue a STARTTLS command first",
                "530 please",
                "550 5.7.1 Authentication required",
                "550 too many messages from you, rate limited",
                "554 poor reputation",
                "521 5.7.1 client blocked for rate"
            })
    void knowsWordsAboutUs(String reply) {
        assertThat(AboutUs.isSaidBy(Reply.parse(reply))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "550 5.1.1 <b@x.test>: Recipient address rejected: User unknown in virtual mailbox table",
                "550 no such user",
                "552 5.2.2 mailbox full",
                "550 5.7.1 message content rejected",
                "554 5.7.1 spam message rejected",
                "550 5.7.1 the message contains a URL listed at Spamhaus",
                "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
                "554 5.7.1 <b@x.test>: Relay access denied",
                "550 5.7.1 Relaying denied",
                "550 5.7.1 blocked by recipient's policy",
                "552 5.3.4 message too large",
                "550",
                "250 your ip is fine"
            })
    void leavesWordsAboutRecipientAndContentAlone(String reply) {
        assertThat(AboutUs.isSaidBy(Reply.parse(reply))).isFalse();
    }
}
