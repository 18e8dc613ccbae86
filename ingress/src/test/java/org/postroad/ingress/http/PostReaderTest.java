package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Caps;

/** What is refused of a JSON request, by field. */
class PostReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "400 |                        | {",
                "400 |                        | []",
                "400 |                        | {*, 'text': ''} {}",
                "400 |                        | {'from': 'a@x.example', 'from': 'b@x.example'}",
                "400 | from                   | {'to': 'b@y.example', 'text': ''}",
                "400 | from                   | {'from': 'a@x.example, b@x.example', 'to': 'b@y.example', 'text': ''}",
                "400 | from                   | {'from': 'a@x.example\\nBcc: e@e.example', 'to': 'b@y.example', 'text': ''}",
                "400 | from                   | {'from': 'Evil\\r\\nBcc: e@e.example <a@x.example>', 'to': 'b@y.example', 'text': ''}",
                "400 | from.name              | {'from': {'name': 'E\\nX: y', 'address': 'a@x.example'}, 'to': 'b@y.example', 'text': ''}",
                "400 | from.mail              | {'from': {'mail': 'a@x.example'}, 'to': 'b@y.example', 'text': ''}",
                "400 | from                   | {'from': 7, 'to': 'b@y.example', 'text': ''}",
                "400 | sender                 | {'from': 'a@x.example', 'sender': 'x', 'to': 'b@y.example', 'text': ''}",
                "400 | to                     | {'from': 'a@x.example', 'text': ''}",
                "400 | to                     | {'from': 'a@x.example', 'to': [], 'text': ''}",
                "400 | to[1]                  | {'from': 'a@x.example', 'to': ['b@y.example', '@'], 'text': ''}",
                "400 | text                   | {*}",
                "400 | text                   | {*, 'text': 'a\\u0000b'}",
                "400 | text                   | {*, 'text': '\\ud83d'}",
                "400 | text                   | {*, 'text': ['a']}",
                "400 | subject                | {*, 'subject': 'a\\r\\nBcc: e@e.example'}",
                "400 | subject                | {*, 'subject': 'a\\u2028b'}",
                "400 | headers.X-A            | {*, 'headers': {'X-A': 'a\\nb'}}",
                "400 | headers.X-A: b         | {*, 'headers': {'X-A: b': 'a'}}",
                "400 | headers.X-(A           | {*, 'headers': {'X-(A': 'a'}}",
                "400 | headers.bcc            | {*, 'headers': {'bcc': 'e@e.example'}}",
                "400 | headers.Content-Type   | {*, 'headers': {'Content-Type': 'a'}}",
                "400 | headers.x-a            | {*, 'headers': {'X-A': '1', 'x-a': '2'}}",
                "400 | headers.Sender         | {*, 'headers': {'Sender': 'J\u00f6rg <j@x.example>'}}",
                "400 | headers.List-Id        | {*, 'headers': {'List-Id': '\u00fc <a.x.example>'}}",
                "400 | headers.message-id     | {*, 'headers': {'message-id': 'x'}}",
                "400 | attachments[0].name    | {*, 'attachments': [{'content': ''}]}",
                "400 | attachments[0].name    | {*, 'attachments': [{'name': 'a\\r\\nX: y'}]}",
                "400 | attachments[0].content | {*, 'attachments': [{'name': 'a'}]}",
                "400 | attachments[0].content | {*, 'attachments': [{'name': 'a', 'content': '?'}]}",
                "400 | attachments[0].type    | {*, 'attachments': [{'type': 'a/b; c=d'}]}",
                "400 | attachments[0].contentId | {*, 'attachments': [{'contentId': 'a>b'}]}",
                "400 | meta.rerouted          | {*, 'meta': {'rerouted': '1'}}",
                "400 | meta.message-id        | {*, 'meta': {'message-id': '1'}}",
                "400 | meta.released          | {*, 'meta': {'released': '1'}}",
                "400 | meta.n                 | {*, 'meta': {'n': 1}}",
                "400 | tekst                  | {*, 'tekst': ''}",
                "400 | substitutions.b        | {*, 'text': '', 'substitutions': {'b': {}}}",
                "400 | substitutions.b@Y.example | {*, 'text': '', 'substitutions': {'b@y.example': {}, 'b@Y.example': {}}}",
                "422 | cc                     | {*, 'cc': 'c@y.example', 'text': '', 'substitutions': {'b@y.example': {}}}",
                "422 | substitutions.c@y.example | {*, 'text': '', 'substitutions': {'c@y.example': {}}}",
                "422 | substitutions.b@y.example.n | {*, 'text': '{{n}}', 'substitutions': {'b@y.example': {}}}",
                "400 | substitutions.b@y.example.n | {*, 'subject': '{{n}}', 'text': '', 'substitutions': {'b@y.example': {'n': 'a\\nb'}}}",
            })
    void refuses(int status, String field, String json) {
        assertThatThrownBy(() -> Posts.plan(json.replace("*", "'from': 'a@x.example', 'to': 'b@y.example'")))
                .isInstanceOfSatisfying(UnfitRequestException.class, refused -> {
                    Answer answer = refused.answer();
                    assertThat(answer.status()).isEqualTo(status);
                    String body = new String(answer.body(), UTF_8);
                    assertThat(body).contains("\"detail\":\"");
                    if (field == null) {
                        assertThat(body).doesNotContain("\"field\"");
                    } else {
                        assertThat(body).contains("\"field\":\"" + field + "\"");
                    }
                });
    }

    @Test
    void allMailsTogetherAreBounded() {
        StringBuilder to = new StringBuilder("'r0@y.example'");
        for (int i = 1; i < 1_000; i++) {
            to.append(", 'r").append(i).append("@y.example'");
        }
        String json = "{'from': 'a@x.example', 'to': [" + to + "], 'text': '" + "x".repeat(1_000)
                + "', 'substitutions': {'r1@y.example': {}}}";
        assertThatThrownBy(() -> Posts.plan(json))
                .isInstanceOfSatisfying(
                        UnfitRequestException.class,
                        refused -> assertThat(refused.answer().status()).isEqualTo(413));
    }

    @Test
    void anIdThatNoLineHoldsIsRefused() {
        String json =
                "{'from': 'a@x.example', 'to': 'b@y.example', 'text': '', 'headers': {'Message-ID': '<*@x.example>'}}";
        assertThatThrownBy(() -> Posts.read(json.replace("*@x", "m".repeat(800) + "@" + "x".repeat(240))))
                .isInstanceOfSatisfying(
                        UnfitRequestException.class,
                        refused -> assertThat(refused.answer().status()).isEqualTo(400));
    }

    @Test
    void substitutionsAreBounded() throws Exception {
        String values =
                IntStream.range(0, 100).mapToObj(i -> "'n" + i + "': ''").collect(Collectors.joining(","));
        String json = "{'from': 'a@x.example', 'to': 'b@y.example', 'text': '', 'substitutions': {'b@y.example': {*}}}";
        assertThat(Posts.plan(json.replace("*", values))).hasSize(1);
        String recipients = IntStream.rangeClosed(0, Caps.RECIPIENTS)
                .mapToObj(i -> "'r" + i + "@y.example': {}")
                .collect(Collectors.joining(","));
        for (String tooMuch : List.of(
                json.replace("*", values + ", 'one': ''"),
                json.replace("*", "'" + "n".repeat(65) + "': ''"),
                json.replace("'b@y.example': {*}", recipients))) {
            assertThatThrownBy(() -> Posts.read(tooMuch))
                    .isInstanceOfSatisfying(
                            UnfitRequestException.class,
                            refused -> assertThat(refused.answer().status()).isEqualTo(400));
        }
    }

    @Test
    void oneRecipientTwiceIsOne() throws Exception {
        assertThat(Posts.plan("{'from': 'a@x.example', 'to': ['b@y.example', 'B <b@Y.EXAMPLE>'], 'text': ''}")
                        .get(0)
                        .recipients())
                .hasSize(1);
    }

    @Test
    void whatIsNoJsonIsItsClientsFault() {
        byte[] noCharacters = {0, 0, (byte) 0xFE, (byte) 0xFF, 0x7F, 0, 0, 0};
        byte[] longName = ("{\"" + "n".repeat(2_000) + "\": 1}").getBytes(UTF_8);
        byte[] noUtf8 = {'{', '"', 't', 'e', 'x', 't', '"', ':', '"', (byte) 0xFF, '"', '}'};
        for (byte[] octets : List.of(noCharacters, longName, noUtf8)) {
            assertThatThrownBy(() -> PostReader.read(octets, octets.length))
                    .isInstanceOfSatisfying(
                            UnfitRequestException.class,
                            refused -> assertThat(refused.answer().status()).isEqualTo(400));
        }
    }

    @Test
    void tellsNothingOfWhatItWasGiven() {
        assertThatThrownBy(() -> Posts.read("{'from': 'a@x.example', 'text': secret}"))
                .isInstanceOf(UnfitRequestException.class)
                .message()
                .startsWith("not JSON, at line 1, column");
    }

    /** Whatever octets come, they are read or refused in words. */
    @Test
    void damagedRequestsAreReadOrRefused() throws Exception {
        byte[] whole =
                ("{\"from\": \"A <a@x.example>\", \"to\": [\"b@y.example\", {\"address\": \"c@y.example\"}], \"cc\": [],"
                                + "\"subject\": \"\u00fc\", \"text\": \"{{n}}\","
                                + "\"attachments\": [{\"name\": \"a\", \"content\": \"aGk=\"}],"
                                + "\"headers\": {\"X-A\": \"1\"}, \"substitutions\": {\"b@y.example\": {\"n\": \"1\"}}}")
                        .getBytes(UTF_8);
        Random random = new Random(11);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                Post post =
                        PostReader.read(damaged, random.nextInt(10) == 0 ? random.nextInt(whole.length) : whole.length);
                for (MailPlan.Mail mail : MailPlan.of(post, Posts.MOST)) {
                    String text = new String(MimeComposer.compose(post, mail, Posts.SEED), UTF_8);
                    assertThat(text).endsWith("\r\n");
                    assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
                    read++;
                }
            } catch (UnfitRequestException refused) {
                assertThat(refused.answer().status()).isBetween(400, 422);
            }
        }
        assertThat(read).isPositive();
    }
}
