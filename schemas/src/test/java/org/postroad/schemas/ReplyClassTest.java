package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyClassTest {
    /** Replies as exchangers word them; what they say counts for more than the number they say it with. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550 | 5.1.1  | <ann@example.org>: Recipient address rejected: User unknown in virtual mailbox table | unknown-recipient
            550 | 5.0.0  | No such user here                                             | unknown-recipient
            550 | 5.1.10 | RecipientNotFound; ann@example.org not found by SMTP address lookup | unknown-recipient
            550 | 5.4.1  | Recipient address rejected: Access denied                     | unknown-recipient
            550 | 5.0.0  | User ann (ann@example.org) not listed in Directory            | unknown-recipient
            451 | 4.2.0  | please come again in 300 seconds                              | greylisted
            450 | 4.7.1  | not now                                                       | greylisted
            450 | 4.1.1  | unverified address                                            | unknown-recipient
            550 | 5.0.0  | Requested action not taken                                    | unknown-recipient
            450 | 4.2.0  | mailbox unavailable                                           | system-trouble
            452 | 4.2.2  | The mailbox is over quota                                     | mailbox-full
            552 | 5.2.2  | Mailbox size limit exceeded                                   | mailbox-full
            552 | 5.3.4  | Message size exceeds fixed limit                              | message-too-large
            550 | 5.2.1  | Account has been disabled                                     | mailbox-disabled
            450 | 4.2.0  | Recipient address rejected: Greylisted, come again            | greylisted
            451 | 4.7.1  | Please try again later                                        | greylisted
            451 | 4.3.0  | Please try again later                                        | system-trouble
            550 | 5.7.1  | Service unavailable; client [192.0.2.1] is in a DNSBL         | blocklisted
            554 | 5.7.1  | part of your network is on our block list                     | blocklisted
            550 | 5.7.26 | the sender is unauthenticated: SPF and DKIM did not pass      | unauthenticated
            550 | 5.7.23 | the message was refused                                       | unauthenticated
            421 | 4.7.28 | an unusual rate of unsolicited mail from your address         | rate-limited
            550 | 5.7.1  | this message looks like SPAM                                  | spam
            550 | 5.7.1  | very low reputation of the sending domain                     | reputation
            450 | 4.7.1  | Client host rejected: cannot find your reverse hostname       | no-reverse-name
            554 | 5.7.1  | Relay access denied                                           | relay-denied
            550 | 5.1.8  | Sender address rejected: Domain not found                     | sender-refused
            550 | 5.1.2  | the domain does not exist                                     | unknown-domain
            556 | 5.1.10 | the domain accepts no mail (null MX)                          | not-accepted-here
            421 | 4.4.5  | Too many concurrent SMTP connections                          | too-many-connections
            452 | 4.5.3  | later                                                         | too-many-recipients
            452 | 4.3.1  | Insufficient system storage                                   | system-full
            554 | 5.4.6  | too many hops                                                 | loop
            530 | 5.7.0  | Must issue a STARTTLS command first                           | encryption-required
            530 | 5.7.1  | Authentication required                                       | login-required
            451 | 4.4.1  | Connection refused                                            | unreachable
            451 | 4.4.2  | lost while waiting for the reply to the final dot             | connection-lost
            451 | 4.4.3  | the exchangers' addresses are not known now                   | dns-failure
            451 | 4.7.5  | TLS failed: certificate has expired                           | tls-failure
            554 | 5.6.0  | refused                                                       | content-refused
            554 | 5.7.1  | Message contains a virus                                      | virus
            554 | 5.7.1  | refused                                                       | policy
            550 | 5.7.1  | Blocked by administrative policy                              | policy
            503 | 5.5.1  | bad sequence                                                  | protocol-error
            554 | 5.0.0  | Transaction failed                                            | other
            554 | 5.0.0  | trusted spfl antivirusable                                    | other
            """)
    void wordsFirstThenNumbers(int code, String status, String text, String expected) {
        assertThat(ReplyClass.of(new LastReply(code, status, text, null, 0L))).isEqualTo(expected);
    }

    @Test
    void whatRefusesNothingHasNone() {
        assertThat(ReplyClass.of(new LastReply(250, "2.0.0", "queued; spam is welcome", null, 0L)))
                .isNull();
    }

    @Test
    void eachLineCanBeReached() {
        Set<String> all = ReplyClass.all();
        assertThat(all)
                .hasSizeBetween(30, 40)
                .contains("expired", ReplyClass.OTHER)
                .allMatch(name -> name.matches("[a-z-]+"));
    }
}
