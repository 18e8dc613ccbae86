package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is composed, as octets and as another reader of MIME understands it. */
class MimeComposerTest {
    private static final String HEAD = "{'from': 'App <app@x.example>', 'to': ['b@y.example'], ";

    private static Message parsed(String mail) throws Exception {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
        return builder.parseMessage(new ByteArrayInputStream(mail.getBytes(UTF_8)));
    }

    private static String textOf(Entity entity) throws Exception {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        ((SingleBody) entity.getBody()).writeTo(octets);
        return octets.toString(UTF_8);
    }

    private static byte[] octetsOf(Entity entity) throws Exception {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        ((SingleBody) entity.getBody()).writeTo(octets);
        return octets.toByteArray();
    }

    @Test
    void aTextIsSentAsItIs() throws Exception {
        assertThat(Posts.onlyMail(HEAD + "'subject': 'Hi', 'text': 'one\\ntwo\\r\\nthree'}"))
                .isEqualTo("""
                        From: App <app@x.example>
                        To: b@y.example
                        Subject: Hi
                        MIME-Version: 1.0
                        Content-Type: text/plain; charset=utf-8
                        Content-Transfer-Encoding: 7bit

                        one
                        two
                        three
                        """.replace("\n", "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Gr\u00fc\u00dfe \ud83d\ude00",
                "From me\nto you",
                "space at the end \nof a line",
                "a\ttab",
                "\u65e5\u672c\u8a9e\n\u3067\u3059",
                "=3D = equals\n.dot\n..\n.",
                "--=_01IDm\n--=_01IDm--",
                ""
            })
    void everyTextArrivesAsItWas(String text) throws Exception {
        Message mail = parsed(Posts.onlyMail(HEAD + "'text': " + json(text) + "}"));
        assertThat(textOf(mail)).isEqualTo(MimeComposer.withCrLf(text));
        assertThat(((TextBody) mail.getBody()).getMimeCharset()).isEqualToIgnoringCase("utf-8");
    }

    @Test
    void aLongLineArrivesAsItWas() throws Exception {
        String text = "x".repeat(5_000) + "\r\n";
        String mail = Posts.onlyMail(HEAD + "'text': '" + "x".repeat(5_000) + "'}");
        assertThat(textOf(parsed(mail))).isEqualTo(text);
        assertThat(mail.lines()).allMatch(line -> line.length() <= 998);
    }

    @Test
    void textAndHtmlAndWhatItShowsAndFilesNest() throws Exception {
        byte[] image = new byte[10_000];
        new Random(5).nextBytes(image);
        Message mail = parsed(Posts.onlyMail(HEAD + "'text': 'plain', 'html': '<img src=cid:logo>', 'attachments': ["
                + "{'name': 'logo.png', 'type': 'image/png', 'contentId': 'logo', 'content': '"
                + Base64.getEncoder().encodeToString(image) + "'},"
                + "{'name': 'r\u00e9sum\u00e9 \\\"x\\\".txt', 'content': 'aGk='}]}"));
        Multipart mixed = (Multipart) mail.getBody();
        assertThat(mail.getMimeType()).isEqualTo("multipart/mixed");
        Multipart alternative = (Multipart) mixed.getBodyParts().get(0).getBody();
        assertThat(alternative.getSubType()).isEqualTo("alternative");
        assertThat(textOf(alternative.getBodyParts().get(0))).isEqualTo("plain\r\n");
        Multipart related = (Multipart) alternative.getBodyParts().get(1).getBody();
        assertThat(related.getSubType()).isEqualTo("related");
        assertThat(textOf(related.getBodyParts().get(0))).isEqualTo("<img src=cid:logo>\r\n");
        Entity logo = related.getBodyParts().get(1);
        assertThat(octetsOf(logo)).isEqualTo(image);
        assertThat(logo.getHeader().getField("Content-ID").getBody()).isEqualTo("<logo>");
        assertThat(logo.getDispositionType()).isEqualTo("inline");
        Entity file = mixed.getBodyParts().get(1);
        assertThat(textOf(file)).isEqualTo("hi");
        assertThat(file.getMimeType()).isEqualTo("application/octet-stream");
        assertThat(file.getHeader().getField("Content-Disposition").getBody())
                .contains("filename=\"r_sum_ _x_.txt\"")
                .contains("filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.txt");
    }

    @Test
    void namesAndSubjectsBeyondAsciiAreEncodedAndFolded() throws Exception {
        String subject = "Pr\u00fcfung \ud83d\ude00 ".repeat(30) + "Ende";
        String mail = Posts.onlyMail("{'from': {'name': 'J\u00f6rg \\\"J\\\"', 'address': 'j@x.example'},"
                + "'to': ['Plain, Name <p@y.example>', 'z@y.example'], 'subject': '" + subject + "', 'text': 'x'}");
        assertThat(mail).matches("(?s)\\p{ASCII}*");
        assertThat(mail.lines()).allMatch(line -> line.length() <= 78);
        Message parsed = parsed(mail);
        assertThat(parsed.getSubject()).isEqualTo(subject);
        assertThat(parsed.getFrom().get(0).getName()).isEqualTo("J\u00f6rg \"J\"");
        assertThat(parsed.getTo().flatten()).hasSize(2);
        assertThat(parsed.getTo().flatten().get(0).getName()).isEqualTo("Plain, Name");
    }

    @Test
    void noLineOfAHeaderIsBlankOrTooLong() throws Exception {
        String spaces = " ".repeat(200);
        String file = "\u65e5".repeat(255);
        for (String json : List.of(
                HEAD + "'subject': 'a" + spaces + "X', 'text': 'x'}",
                HEAD + "'subject': 'a" + spaces + "', 'text': 'x'}",
                HEAD + "'headers': {'X-A': 'a" + spaces + "X'}, 'text': 'x'}",
                "{'from': {'name': 'a" + spaces + "X', 'address': 'a@x.example'}, 'to': 'b@y.example', 'text': 'x'}",
                HEAD + "'attachments': [{'name': 'a" + spaces + "X', 'content': 'aGk='}]}",
                HEAD + "'attachments': [{'name': '" + file + "', 'content': 'aGk='}]}")) {
            String mail = Posts.onlyMail(json);
            String header = mail.substring(0, mail.indexOf("\r\n\r\n"));
            assertThat(header.lines()).allMatch(line -> !line.isBlank() && line.length() <= 998);
        }
        assertThat(parsed(Posts.onlyMail(HEAD + "'subject': 'a" + spaces + "X', 'text': 'x'}"))
                        .getSubject())
                .isEqualTo("a" + spaces + "X");
        Message mail = parsed(Posts.onlyMail(HEAD + "'attachments': [{'name': '" + file + "', 'content': 'aGk='}]}"));
        assertThat(mail.getHeader()
                        .getField("Content-Disposition")
                        .getBody()
                        .replaceAll("; filename\\*[0-9]\\*=|\\s", ""))
                .endsWith("UTF-8''" + "%E6%97%A5".repeat(255));
    }

    @Test
    void aThousandRecipientsFold() throws Exception {
        StringBuilder to = new StringBuilder("'r0@y.example'");
        for (int i = 1; i < 1_000; i++) {
            to.append(", 'r").append(i).append("@y.example'");
        }
        String mail = Posts.onlyMail("{'from': 'a@x.example', 'to': [" + to + "], 'text': 'x'}");
        assertThat(mail.lines()).allMatch(line -> line.length() <= 78);
        assertThat(parsed(mail).getTo().flatten()).hasSize(1_000);
    }

    @Test
    void addressesBeyondAsciiStandInUtf8() throws Exception {
        String mail = Posts.onlyMail("{'from': 'j\u00f6rg@m\u00fcller.example', 'to': ['b@y.example'], 'text': 'x'}");
        assertThat(mail).contains("From: j\u00f6rg@m\u00fcller.example\r\n");
    }

    @Test
    void blindCopiesAreNowhere() throws Exception {
        assertThat(Posts.onlyMail("{'from': 'a@x.example', 'to': 'b@y.example', 'cc': 'c@y.example',"
                        + "'bcc': ['secret@y.example'], 'text': 'x'}"))
                .doesNotContain("secret")
                .containsIgnoringCase("To: b@y.example\r\nCc: c@y.example\r\n");
        assertThat(Posts.onlyMail("{'from': 'a@x.example', 'bcc': ['secret@y.example'], 'text': 'x'}"))
                .doesNotContain("secret")
                .contains("To: undisclosed-recipients:;\r\n");
    }

    @Test
    void headersOfItsOwnStandInOrder() throws Exception {
        assertThat(Posts.onlyMail(
                        HEAD + "'text': 'x', 'headers': {'X-B': '1', 'x-a': 'f\u00fcnf', 'Message-ID': '<9@z.example>',"
                                + " 'List-Unsubscribe': '<https://x.example/" + "u".repeat(400) + ">'}}"))
                .contains("\r\nX-B: 1\r\nx-a: =?")
                .contains("\r\nMessage-ID: <9@z.example>\r\n")
                .contains("List-Unsubscribe:")
                .contains("<https://x.example/" + "u".repeat(400) + ">");
    }

    @Test
    void eachRecipientHasAMailOfItsOwnWhereSomethingStandsForEach() throws Exception {
        List<String> mails = Posts.composed("{'from': 'a@x.example', 'to': ['Carl <c@y.example>', 'd@y.example'],"
                + "'subject': 'For {{name}}', 'text': '{{ name }} {{nothing else}} {{name}}', 'html': '<p>{{name}}</p>',"
                + "'substitutions': {'c@y.example': {'name': 'C & {{name}}'}, 'd@Y.example': {'name': '<b>'}}}");
        assertThat(mails).hasSize(2);
        assertThat(mails.get(0))
                .contains("To: Carl <c@y.example>\r\n")
                .doesNotContain("d@y.example")
                .contains("Subject: For C & {{name}}\r\n")
                .contains("\r\nC & {{name}} {{nothing else}} C & {{name}}\r\n")
                .contains("<p>C &amp; {{name}}</p>");
        assertThat(mails.get(1)).contains("Subject: For <b>\r\n").contains("<p>&lt;b&gt;</p>");
    }

    @Test
    void withoutSubstitutionsBracesAreBraces() throws Exception {
        assertThat(Posts.onlyMail(HEAD + "'subject': '{{a}}', 'text': '{{b}}'}"))
                .contains("Subject: {{a}}\r\n")
                .contains("\r\n{{b}}\r\n");
    }

    @Test
    void onlyFilesAreMailToo() throws Exception {
        Message mail = parsed(
                Posts.onlyMail(HEAD + "'attachments': [{'name': 'a.txt', 'type': 'text/plain', 'content': 'aGk='}]}"));
        assertThat(mail.getMimeType()).isEqualTo("text/plain");
        assertThat(textOf(mail)).isEqualTo("hi");
    }

    @Test
    void theSameRequestIsTheSameOctets() throws Exception {
        String json = HEAD + "'text': 'x', 'html': 'y', 'attachments': [{'name': 'a', 'content': 'aGk='}]}";
        assertThat(Posts.onlyMail(json)).isEqualTo(Posts.onlyMail(json));
    }

    private static String json(String text) {
        return "'" + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + "'";
    }
}
