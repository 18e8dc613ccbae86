package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Body;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Ret;

class CommandParserTest {
    private final CommandParser parser =
            new CommandParser(new org.postroad.schemas.Mailbox("postmaster", "mx.example"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "MAIL FROM:<> ~ ''",
                "mail from:<a@x> ~ a@x",
                "MAIL FROM: <a@x> ~ a@x",
                "MAIL FROM:<a@x>   ~ a@x",
                "MAIL FROM:<@r.example,@s.example:a@x> ~ a@x",
                "MAIL FROM:<@[IPv6:::1]:a@x> ~ a@x",
                "MAIL FROM:<\"a>b\"@x> ~ \"a>b\"@x",
                "MAIL FROM:<\"a\\\"b\"@x> ~ \"a\\\"b\"@x",
                "MAIL FROM:<a@[192.0.2.1]> ~ a@[192.0.2.1]",
            })
    void readsReversePaths(String line, String reversePath) {
        assertThat(parse(line)).isEqualTo(new Command.Mail(reversePath, MailOptions.NONE, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "MAIL FROM:<a@x> SIZE=10 ~ 10 ~ SEVEN_BIT ~ false",
                "MAIL FROM:<a@x> size=0 body=8bitmime smtputf8 ~ 0 ~ EIGHT_BIT_MIME ~ true",
                "MAIL FROM:<a@x>  BODY=7BIT   SMTPUTF8 ~ -1 ~ SEVEN_BIT ~ true",
                "MAIL FROM:<a@x> SIZE=00000000000000000010 ~ 10 ~ SEVEN_BIT ~ false",
                "MAIL FROM:<a@x> SIZE=99999999999999999999 ~ 9223372036854775807 ~ SEVEN_BIT ~ false",
            })
    void readsParameters(String line, long size, Body body, boolean smtpUtf8) {
        assertThat(parse(line))
                .isEqualTo(
                        new Command.Mail("a@x", new MailOptions(size, body, smtpUtf8, null, null, null, false), null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "RCPT TO:<b@y> ~ b@y",
                "RCPT TO:<PostMaster> ~ postmaster@mx.example",
                "RCPT TO:<@a,@b:u@d> ~ u@d",
                "RCPT TO:<r%d@[192.0.2.1]> ~ r%d@[192.0.2.1]",
                "RCPT TO:<d!r@srv> ~ d!r@srv",
                "RCPT TO:<\"r@d\"@srv> ~ \"r@d\"@srv",
                "RCPT TO:<r@2130706433> ~ r@2130706433",
                "RCPT TO:<-x@y> ~ -x@y",
                "RCPT TO:<$(touch)@y> ~ 501",
            })
    void readsRecipients(String line, String recipient) {
        Command command = parse(line);
        if (recipient.equals("501")) {
            assertThat(command).isEqualTo(new Command.Bad(Replies.BAD_RECIPIENT));
        } else {
            assertThat(((Command.Rcpt) command).recipient()).hasToString(recipient);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "MAIL ~ 501 5.5.4",
                "MAIL FROM:<a@x ~ 501 5.5.4",
                "MAIL TO:<a@x> ~ 501 5.5.4",
                "MAIL FROM:<a@x@y> ~ 501 5.1.7",
                "MAIL FROM:<a@x> SIZE=1 SIZE=1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> SIZE=-1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> SIZE= ~ 501 5.5.4",
                "MAIL FROM:<a@x> SIZE=999999999999999999999 ~ 501 5.5.4",
                "MAIL FROM:<a@x> BODY=BINARYMIME ~ 501 5.5.4",
                "MAIL FROM:<a@x> SMTPUTF8=1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> RET=FULL RET=HDRS ~ 501 5.5.4",
                "MAIL FROM:<a@x> RET ~ 501 5.5.4",
                "MAIL FROM:<a@x> RET= ~ 501 5.5.4",
                "MAIL FROM:<a@x> RET=BODY ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID= ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=a=b ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=a+ ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=a+3d ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=a+0D+0ABcc:+20x@y ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=a+C3+A4 ~ 501 5.5.4",
                "MAIL FROM:<a@x> ENVID=1 envid=2 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR= ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=0 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=-1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=1h ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=1234567890 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=1 HOLDFOR=1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDFOR=1 HOLDUNTIL=2026-03-01T10:20:31Z ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=2026-03-01T10:20:31Z HOLDFOR=1 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=1772360430 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=2026-03-01 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=2026-03-01T10:20:31 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=2026-03-01T10:20:31+01:00 ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=2026-02-30T10:20:31Z ~ 501 5.5.4",
                "MAIL FROM:<a@x> HOLDUNTIL=+999999999-03-01T10:20:31Z ~ 501 5.5.4",
                "MAIL FROM:<a@x> NOTIFY=NEVER ~ 555 5.5.4",
                "MAIL FROM:<a@x> ORCPT=rfc822;b@y ~ 555 5.5.4",
                "MAIL FROM:<ä@x> ~ 553 5.6.7",
                "RCPT TO:<> ~ 501 5.1.3",
                "RCPT TO:<r@d@srv> ~ 501 5.1.3",
                "RCPT TO:<r@d@> ~ 501 5.1.3",
                "RCPT TO:<r@y.> ~ 501 5.1.3",
                "RCPT TO:<@a:> ~ 501 5.5.4",
                "RCPT TO:<@a,b:c@d> ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY= ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=ALWAYS ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=UNKNOWN ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=NEVER,FAILURE ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=SUCCESS,NEVER ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=SUCCESS, ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=,SUCCESS ~ 501 5.5.4",
                "RCPT TO:<b@y> NOTIFY=SUCCESS NOTIFY=FAILURE ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=b@y ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=rfc822; ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=;b@y ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=rfc822;b+0Ax ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=rfc822;ä@y ~ 501 5.5.4",
                "RCPT TO:<b@y> ORCPT=rfc822;b@y ORCPT=rfc822;c@y ~ 501 5.5.4",
                "RCPT TO:<b@y> RET=FULL ~ 555 5.5.4",
                "RCPT TO:<b@y> SIZE=1 ~ 555 5.5.4",
                "EHLO ~ 501 5.5.4",
                "DATA now ~ 501 5.5.4",
                "RSET now ~ 501 5.5.4",
                "QUIT now ~ 501 5.5.4",
                "VRFY ~ 501 5.5.4",
                "MAILFROM:<a@x> ~ 500 5.5.2",
                "RSET\u3000 ~ 500 5.5.2",
                "DATA\u2003 ~ 500 5.5.2",
                "NOOP\u2028 ~ 500 5.5.2",
                "QUIT \u3000 ~ 501 5.5.4",
                "MAIL \u3000FROM:<a@x> ~ 501 5.5.4",
                "MAIL FROM:\u2003<a@x> ~ 501 5.5.4",
                "MAIL FROM:<a@x> \u3000SIZE=10 ~ 555 5.5.4",
            })
    void saysWhatIsWrong(String line, String reply) {
        assertThat(parse(line)).isInstanceOf(Command.Bad.class);
        assertThat(((Command.Bad) parse(line)).reply().toString()).startsWith(reply);
    }

    @Test
    void readsWhatReportsAreAskedFor() {
        assertThat(parse("MAIL FROM:<a@x> ret=hdrs ENVID=QQ+2B314 SIZE=1"))
                .isEqualTo(new Command.Mail(
                        "a@x", new MailOptions(1, Body.SEVEN_BIT, false, Ret.HDRS, "QQ+2B314", null, false), null));
        assertThat(parse("MAIL FROM:<> RET=FULL ENVID=" + "x".repeat(100))).isInstanceOf(Command.Mail.class);
        assertThat(parse("MAIL FROM:<> ENVID=" + "x".repeat(101))).isInstanceOf(Command.Bad.class);
        assertThat(((Command.Rcpt) parse("RCPT TO:<b@y> notify=success,Failure,DELAY,SUCCESS ORCPT=RFC822;c+2Bd@y"))
                        .options())
                .isEqualTo(new RcptOptions(List.of(Notify.SUCCESS, Notify.FAILURE, Notify.DELAY), "RFC822;c+2Bd@y"));
        assertThat(((Command.Rcpt) parse("RCPT TO:<b@y> ORCPT=utf-8;ä@y NOTIFY=NEVER")).options())
                .isEqualTo(new RcptOptions(List.of(Notify.NEVER), "utf-8;ä@y"));
        assertThat(((Command.Rcpt) parse("RCPT TO:<b@y>")).options()).isSameAs(RcptOptions.NONE);
    }

    /** What devices and scripts send; only those who may relay are forgiven. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "MAIL FROM:a@x ~ a@x ~ 501 5.5.4",
                "MAIL FROM: a@x SIZE=1 ~ a@x ~ 501 5.5.4",
                "MAIL FROM:<a@x>SIZE=1 ~ a@x ~ 501 5.5.4",
                "MAIL FROM:<root> ~ root@mx.example ~ 501 5.1.7",
                "MAIL FROM:root ~ root@mx.example ~ 501 5.5.4",
                "RCPT TO:b@y ~ b@y ~ 501 5.5.4",
                "RCPT TO: b@y ~ b@y ~ 501 5.5.4",
                "RCPT TO:<root> ~ root@mx.example ~ 501 5.1.3",
                "RCPT TO:postmaster ~ postmaster@mx.example ~ 501 5.5.4",
                "RCPT TO:<\"r@d\"> ~ \"r@d\"@mx.example ~ 501 5.1.3",
            })
    void readsAddressesInFormsOfTheirOwnAndSaysWhatIsWrongWithThem(String line, String address, String flaw) {
        Command command = parse(line);
        if (command instanceof Command.Mail mail) {
            assertThat(mail.reversePath()).isEqualTo(address);
            assertThat(mail.flaw()).asString().startsWith(flaw);
        } else {
            assertThat(((Command.Rcpt) command).recipient()).hasToString(address);
            assertThat(((Command.Rcpt) command).flaw()).asString().startsWith(flaw);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "My Printer", "\u00e4.example", "M\u00dcLLER-PC", "[192.0.2.1", "x_y", "(a)"})
    void takesAnyGreetingInWhateverCharacterSet(String greeting) {
        for (Charset charset : List.of(UTF_8, ISO_8859_1)) {
            for (String verb : List.of("EHLO ", "helo ")) {
                byte[] line = (verb + greeting).getBytes(charset);
                assertThat(parser.parse(line, line.length))
                        .isEqualTo(new Command.Hello(greeting, verb.equals("EHLO ")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO a\0",
                "EHLO \u00fc\t",
                "NOOP\0",
                "NOOP\t",
                "NOOP\u007f",
                "NOOP\rQUIT",
                "NOOP\nQUIT",
                "MAIL FROM:<\u00ff@x> SMTPUTF8"
            })
    void refusesControlOctetsAndWhatIsNotUtf8(String line) {
        byte[] octets = line.getBytes(ISO_8859_1);
        assertThat(parser.parse(octets, octets.length)).isEqualTo(new Command.Bad(Replies.BAD_OCTETS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "BDAT 10 ~ 10 ~ false",
                "bdat 0 last ~ 0 ~ true",
                "BDAT 00010   LAST ~ 10 ~ true",
                "BDAT 999999999999999999 ~ 999999999999999999 ~ false"
            })
    void readsBdat(String line, long octets, boolean last) {
        assertThat(parse(line)).isEqualTo(new Command.Bdat(octets, last));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BDAT",
                "BDAT LAST",
                "BDAT -1",
                "BDAT +1",
                "BDAT 1 LAST x",
                "BDAT 1 FIRST",
                "BDAT 0x10",
                "BDAT 1e3",
                "BDAT 1000000000000000000",
                "BDAT 10LAST",
                "BDAT \u0661"
            })
    void aBdatThatCannotBeReadIsToldApart(String line) {
        assertThat(parse(line)).isEqualTo(Command.Verb.UNREADABLE_BDAT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATCH / HTTP/1.1",
                "delete * http/1.0 ",
                "PRI * HTTP/2.0",
                "x/HTTP/1.1",
                "GET\t/\tHTTP/1.1",
                "PUT /\0 HTTP/1.1",
                "Host: a",
                "hOsT : a",
                "TRACE / HTTP/1.1\nHost: a\n",
                "X: y\rHost: a",
            })
    void knowsHttpByItsVersionAndItsHost(String line) {
        assertThat(parse(line)).isEqualTo(Command.Verb.HTTP);
    }

    private Command parse(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return parser.parse(octets, octets.length);
    }
}
