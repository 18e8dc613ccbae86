package org.postroad.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The description says what the reader takes and what the code answers. */
class OpenApiTest {
    /** A value for each property that may stand in a request. */
    private static final Map<String, String> VALUES = Map.ofEntries(
            Map.entry("from", "'a@x.example'"),
            Map.entry("sender", "''"),
            Map.entry("replyTo", "['r@x.example']"),
            Map.entry("to", "['b@y.example', 'N <c@y.example>', {'name': 'D', 'address': 'd@y.example'}]"),
            Map.entry("cc", "'e@y.example'"),
            Map.entry("bcc", "{'address': 'f@y.example'}"),
            Map.entry("subject", "'s'"),
            Map.entry("text", "'t'"),
            Map.entry("html", "'h'"),
            Map.entry("attachments", "[{'name': 'n', 'type': 'image/png', 'content': 'aGk=', 'contentId': 'i'}]"),
            Map.entry("headers", "{'X-A': 'b'}"),
            Map.entry("meta", "{'k': 'v'}"),
            Map.entry("substitutions", "{'b@y.example': {'k': 'v'}}"));

    private final JsonNode document = parsed(OpenApi.answer().body());

    private static JsonNode parsed(byte[] octets) {
        try {
            return new ObjectMapper().readTree(octets);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode schema(String name) {
        return document.at("/components/schemas/" + name);
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = new ArrayList<>();
        document.findValues("$ref").forEach(each -> references.add(each.asText()));
        assertThat(references).isNotEmpty().allSatisfy(each -> assertThat(
                        document.at(each.substring(1)).isObject())
                .as(each)
                .isTrue());
        Set<String> used = new TreeSet<>();
        references.forEach(each -> used.add(each.substring(each.lastIndexOf('/') + 1)));
        Set<String> all = names(document.at("/components/schemas"));
        all.addAll(names(document.at("/components/responses")));
        assertThat(used).isEqualTo(all);
    }

    @Test
    void itsPathsAreOurs() {
        assertThat(names(document.get("paths"))).containsExactlyInAnyOrder(RequestHead.MESSAGES, RequestHead.OPENAPI);
        assertThat(document.get("openapi").asText()).isEqualTo("3.1.0");
    }

    @Test
    void everyPropertyIsReadAndNoOther() throws Exception {
        assertThat(names(schema("Mail").get("properties"))).isEqualTo(new TreeSet<>(VALUES.keySet()));
        StringBuilder request = new StringBuilder();
        VALUES.forEach(
                (name, value) -> request.append(request.isEmpty() ? "{" : ", ").append("'" + name + "': " + value));
        Post post = Posts.read(request + "}");
        assertThat(post.addressing().recipients()).hasSize(5);
        assertThat(post.attachments()).hasSize(1);
        assertThat(names(schema("Attachment").get("properties")))
                .containsExactlyInAnyOrder("name", "type", "content", "contentId");
        assertThat(names(schema("Address").at("/oneOf/1/properties"))).containsExactlyInAnyOrder("name", "address");
        for (String schema : List.of("Mail", "Attachment")) {
            assertThat(schema(schema).get("additionalProperties").asBoolean(true))
                    .isFalse();
        }
    }

    /** So many as it says are taken, and not one more. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "Addresses/oneOf/1/maxItems                  | to          | 'r@y.example'",
                "Mail/properties/attachments/maxItems        | attachments | {'name': 'n', 'content': ''}",
                "Mail/properties/headers/maxProperties       | headers     | 'X-%d': 'v'",
            })
    void itsLimitsAreOurs(String where, String property, String one) throws Exception {
        int most = document.at("/components/schemas/" + where).asInt();
        assertThat(most).isPositive();
        assertThat(Posts.read(many(property, one, most))).isNotNull();
        assertThatThrownBy(() -> Posts.read(many(property, one, most + 1))).isInstanceOf(UnfitRequestException.class);
    }

    private static String many(String property, String one, int count) {
        String all = IntStream.range(0, count)
                .mapToObj(i -> one.replace("%d", Integer.toString(i)))
                .collect(Collectors.joining(", "));
        String value = property.equals("headers") ? "{" + all + "}" : "[" + all + "]";
        return "{'from': 'a@x.example', 'bcc': 'b@y.example', 'text': 't', '" + property + "': " + value + "}";
    }

    @Test
    void anIdempotencyKeyIsWhatItSays() {
        JsonNode key = document.at("/paths/~1v1~1messages/post/parameters/0");
        assertThat(key.get("name").asText()).isEqualTo("Idempotency-Key");
        Pattern pattern = Pattern.compile(key.at("/schema/pattern").asText());
        assertThat(pattern.matcher("k".repeat(255)).find()).isTrue();
        for (String none : List.of("", "k".repeat(256), "a b", "\u00e4", "a\n")) {
            assertThat(pattern.matcher(none).matches()).as(none).isFalse();
        }
    }

    @Test
    void answersHaveTheFieldsThatItNames() {
        Answer.Mail kept = new Answer.Mail("01JD000000000000000000000A", List.of("a@x.example"));
        Answer.Mail lost = new Answer.Mail(null, List.of("b@x.example"));
        JsonNode answer = parsed(Answer.kept(List.of(kept)).body());
        assertThat(names(answer)).isEqualTo(names(schema("Kept").get("properties")));
        assertThat(names(answer.at("/messages/0")))
                .isEqualTo(names(schema("Message").get("properties")));
        JsonNode problem = parsed(
                Answer.problem(429, "why", "to[1]", 5, List.of(kept, lost)).body());
        assertThat(names(problem)).isEqualTo(names(schema("Problem").get("properties")));
        assertThat(problem.at("/messages/1/queueId").isNull()).isTrue();
    }

    @Test
    void itIsServedAsItLies() throws Exception {
        byte[] file = OpenApi.class.getResourceAsStream("/openapi.json").readAllBytes();
        assertThat(OpenApi.answer().body()).isEqualTo(file);
        assertThat(OpenApi.answer().type()).isEqualTo("application/json");
    }
}
