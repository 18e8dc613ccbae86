package org.postroad.deliverer.fate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.send.FakeWorld;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.smtp.Transactions;
import org.postroad.schemas.Reply;

class FailurePolicyTest {
    private static final ReplySource WORDS = new ReplySource("mx.test[192.0.2.1]:25", 0);

    /** Two recipients; the replies to MAIL, both RCPT, DATA and the dot; both fates, what of the rest, the lesson. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "250 a;250 b;250 c;354 d;!;250 e          | delivered 250 2.0.0, delivered 250 2.0.0 | NONE | ANSWERED",
                "250 a;251 b;252 c;354 d;!;250 2.6.0 e    | delivered 250 2.6.0, delivered 250 2.6.0 | NONE | ANSWERED",
                "250 a;250 b;450 c;354 d;!;250 e          | delivered 250 2.0.0, deferred 450 4.0.0 | NONE | ANSWERED",
                "250 a;250 b;550 5.1.1 c;354 d;!;250 e    | delivered 250 2.0.0, bounced 550 5.1.1 | NONE | ANSWERED",
                "250 a;250 b;452 c;354 d;!;250 e          | delivered 250 2.0.0, open | ANOTHER_TRANSACTION | ANSWERED",
                "250 a;250 b;452 c;354 d;!;451 e          | deferred 451 4.0.0, deferred 452 4.0.0 | NONE | THROTTLED",
                "250 a;452 b;452 c;503 d                  | deferred 452 4.0.0, deferred 452 4.0.0 | NONE | ANSWERED",
                "250 a;250 b;552 c;354 d;!;250 e          | delivered 250 2.0.0, open | ANOTHER_TRANSACTION | ANSWERED",
                "250 a;250 b;552 5.5.3 c;354 d;!;250 e    | delivered 250 2.0.0, open | ANOTHER_TRANSACTION | ANSWERED",
                "250 a;250 b;552 5.2.2 c;354 d;!;250 e    | delivered 250 2.0.0, bounced 552 5.2.2 | NONE | ANSWERED",
                "250 a;552 b;550 c;503 d                  | bounced 552 5.0.0, bounced 550 5.0.0 | NONE | ANSWERED",
                "250 a;552 5.5.3 b;550 c;503 d            | deferred 552 5.5.3, bounced 550 5.0.0 | NONE | ANSWERED",
                "250 a;550 b;550 c;354 d                  | bounced 550 5.0.0, bounced 550 5.0.0 | NONE | ANSWERED",
                "451 4.3.0 a;503 b;503 c;503 d            | deferred 451 4.3.0, deferred 451 4.3.0 | NONE | THROTTLED",
                "552 5.3.4 a;503 b;503 c;503 d            | bounced 552 5.3.4, bounced 552 5.3.4 | NONE | ANSWERED",
                "250 a;250 b;250 c;451 d                  | deferred 451 4.0.0, deferred 451 4.0.0 | NONE | ANSWERED",
                "250 a;250 b;550 c;554 d                  | bounced 554 5.0.0, bounced 550 5.0.0 | NONE | ANSWERED",
                "250 a;250 b;250 c;354 d;!;452 e          | deferred 452 4.0.0, deferred 452 4.0.0 | NONE | ANSWERED",
                "250 a;250 b;550 c;354 d;!;554 5.6.0 e    | bounced 554 5.6.0, bounced 550 5.0.0 | NONE | ANSWERED"
            })
    void judgesReplies(String replies, String fates, FailurePolicy.Rest rest, FailurePolicy.Lesson lesson) {
        FailurePolicy.Judgement judgement = judge(transaction(replies), true, 0);
        assertThat(fates(judgement)).isEqualTo(fates);
        assertThat(judgement.rest()).isEqualTo(rest);
        assertThat(judgement.lesson()).isEqualTo(lesson);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOST               | ''                       | true  | deferred 451 4.4.2, deferred 451 4.4.2 | NONE",
                "LOST               | ''                       | false | open, open | NEXT_ADDRESS",
                "TIMEOUT            | 250 a;250 b;550 c;354 d  | true  | deferred 451 4.4.2, bounced 550 5.0.0 | NONE",
                "TIMEOUT            | 250 a;250 b;550 c;354 d  | false | open, bounced 550 5.0.0 | NEXT_ADDRESS",
                "GARBAGE            | 250 a;250 b              | true  | deferred 451 4.5.0, deferred 451 4.5.0 | NONE",
                "LOST               | 250 a;250 b;550 c;354 d;! | false | in doubt 451 4.4.2, bounced 550 5.0.0 | NONE",
                "TIMEOUT            | 250 a;250 b;250 c;354 d;! | false | in doubt 451 4.4.2, in doubt 451 4.4.2 | NONE",
                "GARBAGE            | 554 a;550 b;250 c        | true  | deferred 451 4.5.0, deferred 451 4.5.0 | NONE",
                "GARBAGE            | 250 a;550 b;250 c        | false | open, open | NEXT_ADDRESS",
                "GARBAGE            | 250 a;250 b;550 c;354 d;! | true  | in doubt 451 4.4.2, bounced 550 5.0.0 | NONE",
                "FAULT              | 250 a;250 b;250 c;354 d;! | false | in doubt 451 4.4.2, in doubt 451 4.4.2 | NONE",
                "FAULT              | 250 a;250 b;550 c        | false | faulted, bounced 550 5.0.0 | NONE",
                "CONTENT_GONE       | 250 a;250 b;550 c;354 d  | false | held, bounced 550 5.0.0 | NONE",
                "CONTENT_UNREADABLE | 250 a;250 b;550 c;354 d  | false | untried, bounced 550 5.0.0 | NONE",
                "WITHHELD           | 250 a;250 b;250 c;354 d  | true  | open, open | PUT_BACK"
            })
    void judgesBreakdowns(Breakdown.Kind kind, String replies, boolean last, String fates, FailurePolicy.Rest rest) {
        Breakdown why = Breakdown.of(kind, Step.CONTENT, "why");
        FailurePolicy.Judgement judgement = judge(Transactions.broken(transaction(replies), why), last, 0);
        assertThat(fates(judgement)).isEqualTo(fates);
        assertThat(judgement.rest()).isEqualTo(rest);
    }

    @Test
    void aStaleConnectionPutsMailBackUnjudged() {
        Breakdown why = Breakdown.of(Breakdown.Kind.LOST, Step.MAIL, "gone").ofStaleConnection();
        FailurePolicy.Judgement judgement = judge(Transactions.broken(transaction(""), why), true, 0);
        assertThat(judgement.rest()).isEqualTo(FailurePolicy.Rest.PUT_BACK);
        assertThat(judgement.lesson()).isEqualTo(FailurePolicy.Lesson.NOTHING);
    }

    @Test
    void a421DefersThePendingAndKeepsWhatWasSaid() {
        Breakdown why = Breakdown.refused(Step.RCPT, Reply.parse("421 4.3.2 bye"));
        FailurePolicy.Judgement judgement =
                judge(Transactions.broken(transaction("250 a;550 b;421 4.3.2 bye"), why), false, 0);
        assertThat(fates(judgement)).isEqualTo("bounced 550 5.0.0, deferred 421 4.3.2");
        assertThat(judgement.lesson()).isEqualTo(FailurePolicy.Lesson.THROTTLED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "550 5.7.1 a;503 b;503 c;503 d              | true",
                "550 a;503 b;503 c;503 d                    | true",
                "550 5.1.8 a;503 b;503 c;503 d              | false",
                "552 a;503 b;503 c;503 d                    | false",
                "250 a;550 5.7.1 b;550 5.7.1 c;503 d        | true",
                "250 a;550 5.1.1 b;550 5.1.1 c;503 d        | false",
                "250 a;250 b;550 5.7.1 c;354 d;!;250 e      | false",
                "250 a;250 b;250 c;354 d;!;550 5.7.1 e      | true"
            })
    void knowsRefusalsOfUsAndBouncesThemUntilTheyAreMany(String replies, boolean aboutUs) {
        FailurePolicy.Judgement few = judge(transaction(replies), true, FailurePolicy.SUSPICIOUS_RUN - 1);
        FailurePolicy.Judgement many = judge(transaction(replies), true, FailurePolicy.SUSPICIOUS_RUN);
        assertThat(few.aboutUs()).isEqualTo(aboutUs);
        assertThat(fates(few)).contains(aboutUs ? "bounced" : "");
        if (aboutUs) {
            assertThat(fates(many)).doesNotContain("bounced").contains("deferred");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Breakdown.Kind.class,
            names = {"CONTENT_GONE", "CONTENT_UNREADABLE", "WITHHELD"},
            mode = EnumSource.Mode.EXCLUDE)
    void noBreakdownOfAConnectionIsEverABounce(Breakdown.Kind kind) {
        Breakdown why = new Breakdown(kind, Step.BANNER, Reply.parse("554 5.7.1 no"), "why", false);
        assertThat(FailurePolicy.unreachable(why, WORDS)).isNotInstanceOf(Outcome.Bounced.class);
    }

    private static FailurePolicy.Judgement judge(Transaction transaction, boolean last, int refusedRun) {
        return FailurePolicy.judge(transaction, new FailurePolicy.Circumstances(WORDS, false, last, refusedRun));
    }

    private static Transaction transaction(String replies) {
        String[] all = replies.isBlank() ? new String[0] : replies.strip().split(";");
        return Transactions.answered(2, all);
    }

    private static String fates(FailurePolicy.Judgement judgement) {
        Outcome[] outcomes = judgement.outcomes().toArray(Outcome[]::new);
        return Arrays.stream(outcomes)
                .map(outcome -> outcome == null ? "open" : FakeWorld.text(outcome))
                .collect(Collectors.joining(", "));
    }
}
