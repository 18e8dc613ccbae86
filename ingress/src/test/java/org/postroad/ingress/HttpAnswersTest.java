package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Reply;

/** What is said of a request that is not taken, or not all of it. */
class HttpAnswersTest {
    @Test
    void whateverRefusesTheRestSaysWhatIsKept() {
        List<Answer.Mail> mails = List.of(new Answer.Mail("01ID", List.of("a@x.example")));
        for (Reply reply : List.of(
                Replies.TOO_LARGE,
                Replies.SENDER_NOT_YOURS,
                Replies.LOOP,
                Replies.TOO_MANY_RECIPIENTS,
                Replies.NO_ROOM,
                Replies.NOT_KEPT,
                Replies.CLOSING)) {
            Answer answer = HttpAnswers.of(Refusal.of(reply), 2_000_000, mails);
            assertThat(new String(answer.body(), UTF_8)).as(reply.toString()).contains("\"queueId\":\"01ID\"");
        }
    }
}
