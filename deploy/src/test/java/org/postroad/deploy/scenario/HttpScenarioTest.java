package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.operator.Terms;
import org.postroad.ingress.http.MailPlan;
import org.postroad.ingress.http.MimeComposer;
import org.postroad.ingress.http.Post;
import org.postroad.ingress.http.PostReader;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Mail posted by HTTP arrives octet for octet as it was posted, or composed, and the ledger knows of it. */
@Tag("broker")
class HttpScenarioTest {
    private static final String INGRESS = "{listeners: [], http-listeners: [{name: api, address: \"127.0.0.1:0\"}]}";
    private static final String TRACE = "Received: [^\r\n]* with HTTP id [^\r\n]*\r\n([ \t][^\r\n]*\r\n)*";
    private static final Pattern QUEUE_ID = Pattern.compile("\"queueId\":\"([0-9A-Z]{26})\"");
    private static final String RAW =
            "Date: Sun, 1 Mar 2026 10:20:30 +0000\r\nMessage-ID: <1@home.test>\r\nFrom: a@home.test\r\n\r\n.one\r\n.\r\n";
    private static final String JSON = """
            {"from": "J\u00f6rg <a@home.test>", "to": ["b@there.test", "c@there.test"], "subject": "Gr\u00fc\u00dfe, {{name}}",
             "text": "Hello {{name}}\\n.\\n", "html": "<p>Hello {{name}}</p>",
             "attachments": [{"name": "f.bin", "content": "AAECAwQF"}],
             "substitutions": {"b@there.test": {"name": "B & B"}, "c@there.test": {"name": "C"}}}
            """;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void whatIsPostedArrives(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger, INGRESS)) {
            List<String> raw = post(road, "/v1/messages?from=a@home.test&to=raw@there.test", "message/rfc822", RAW);
            List<String> composed = post(road, "/v1/messages", "application/json", JSON);
            assertThat(raw).hasSize(1);
            assertThat(composed).hasSize(2);

            List<ReceivedMail> mails = new ArrayList<>(exchanger.awaitMails(3, Road.PATIENCE));
            mails.sort(Comparator.comparing(mail -> mail.recipientAddresses().get(0)));
            Post post = PostReader.read(JSON.getBytes(UTF_8), JSON.getBytes(UTF_8).length);
            List<MailPlan.Mail> plan = MailPlan.of(post, 1_000_000);
            for (int i = 0; i < 2; i++) {
                String queueId = composed.get(i);
                assertArrived(
                        mails.get(i),
                        TRACE + "Message-ID: <" + queueId + "@road\\.test>\r\nDate: [^\r\n]*\r\n",
                        MimeComposer.compose(post, plan.get(i), queueId));
            }
            assertArrived(mails.get(2), TRACE, RAW.getBytes(UTF_8));

            Terms terms = road.settledLedger();
            assertThat(terms.named()).containsEntry("accepted", 3L).containsEntry("delivered", 3L);
        }
    }

    /** However many write it to Kafka, who could not know of one another. */
    @Test
    void aRequestThatIsRepeatedIsOneMail(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger, INGRESS)) {
            for (int round = 0; round < 5; round++) {
                HttpRequest request = HttpRequest.newBuilder(uri(road, "/v1/messages?from=a@home.test&to=b@there.test"))
                        .header("Content-Type", "message/rfc822")
                        .header("Idempotency-Key", "round-" + round)
                        .POST(BodyPublishers.ofString(RAW))
                        .build();
                List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
                for (int i = 0; i < 12; i++) {
                    all.add(client.sendAsync(request, BodyHandlers.ofString()));
                }
                Set<List<String>> ids = new HashSet<>();
                for (CompletableFuture<HttpResponse<String>> each : all) {
                    ids.add(queueIds(each.get(Road.PATIENCE.toSeconds(), TimeUnit.SECONDS)));
                }
                assertThat(ids).hasSize(1);
            }
            Terms terms = road.settledLedger();
            assertThat(terms.named()).containsEntry("accepted", 5L).containsEntry("delivered", 5L);
            assertThat(exchanger.awaitMails(5, Road.PATIENCE)).hasSize(5);
        }
    }

    private static URI uri(Road road, String path) {
        return URI.create("http://127.0.0.1:" + road.http().getPort() + path);
    }

    private static void assertArrived(ReceivedMail mail, String prepended, byte[] content) {
        byte[] all = mail.content();
        int trace = all.length - content.length;
        assertThat(trace).isPositive();
        assertThat(java.util.Arrays.copyOfRange(all, trace, all.length)).isEqualTo(content);
        assertThat(mail.contentText().substring(0, trace).replace("\r\n\t", "\t"))
                .matches(prepended);
    }

    private List<String> post(Road road, String path, String type, String body) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri(road, path))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        return queueIds(response);
    }

    private static List<String> queueIds(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        List<String> ids = new ArrayList<>();
        Matcher matcher = QUEUE_ID.matcher(response.body());
        while (matcher.find()) {
            ids.add(matcher.group(1));
        }
        return ids;
    }
}
