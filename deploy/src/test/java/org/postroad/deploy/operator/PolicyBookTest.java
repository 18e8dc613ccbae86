package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Policy;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.StandingPolicy;

class PolicyBookTest {
    private static final PolicyBook.File FILE =
            new PolicyBook.File(List.of(), List.of(), List.of(new RollUp("google.com", "Google")));

    /** As somebody wrote it, and as nodes look for it. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "limit:*, *",
                "limit:Gmail.com, gmail.com",
                "limit:gmail.com., gmail.com",
                "limit:b\u00fccher.example, xn--bcher-kva.example",
                "limit:Google, Google",
                "limit:google, Google",
                "limit:[192.0.2.1], [192.0.2.1]",
                "limit:my mail, -",
                "suspend:google, Google",
                "suspend:*, *",
                "suspend:my mail, -",
                "hold:all, all",
                "hold:user=ann&domain=Example.org, domain=Example.org&user=ann",
                "route:Example.ORG., example.org",
                "route:*, *",
                "roll-up:MX.Example.org, mx.example.org",
                "protocol-log:user=Alice, user=Alice",
            })
    void aSubjectIsWrittenAsNodesLookForIt(String key, String subject) {
        Aspect aspect = PolicyWords.aspect(key);
        assertThat(PolicyWords.subject(aspect, key, List.of("Google"))).isEqualTo(subject);
    }

    /** Key, settings, and what becomes of it at 1,000 ms. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "limit:a.test        | connections=2             | in force",
                "limit:a.test        | connections=two           | ignored: connections two: wanted is a whole number,"
                        + " at least 1",
                "limit:a.test        | conections=2              | in force: ignores limit:conections",
                "limit:A.test        | connections=2             | ignored: no destination is written so; did you mean"
                        + " a.test?",
                "limit:google        | connections=2             | ignored: no destination is written so; did you mean"
                        + " Google?",
                "limit:a.test        | until=1970-01-01T00:00:01Z | ended",
                "limit:a.test        | until=1970-01-01T00:00:02Z | in force",
                "limit:a.test        | until=1970-01-01T00:00:00Z | taken back",
                "limit:a.test        | until=soon | ignored: until soon: wanted is an instant such as"
                        + " 2026-01-31T12:00:00Z",
                "route:a.test        | tls=required | ignored: to: wanted is at least one exchanger, since the domain"
                        + " has no configured route",
                "route:a.test        | to=relay.test             | in force",
                "roll-up:mx.test     | destination=              | ignored: destination: wanted is a name, at most 255"
                        + " characters",
                "suspend:a.test      | -                         | in force",
                "suspend:A.test      | -                         | ignored: no destination is written so; did you mean"
                        + " a.test?",
                "protocol-log:nobody | - | ignored: about nobody: wanted is *, listener=NAME, client=NETWORK or"
                        + " user=NAME",
                "shards:a.test       | count=4                   | ignored: this version knows nothing of that kind",
                "hold:all            | -                         | in force",
                "hold:a.test         | -                         | ignored: a.test is not like"
                        + " domain=example.org&user=alice, or all",
                "hold:domane=a.test  | -                         | ignored: --domane says nothing of mail",
                "schema:Policy-1     | schema=x                  | nothing",
            })
    void whatBecomesOfEachIsWhatNodesMakeOfIt(String key, @Nullable String setting, String fate) {
        PolicyBook book = new PolicyBook(FILE, Map.of(key, record(key, setting)), 1_000);
        PolicyBook.Entry entry = book.entry(key);
        assertThat(
                        entry == null
                                ? "nothing"
                                : entry.state().words() + (entry.remark().isEmpty() ? "" : ": " + entry.remark()))
                .isEqualTo(fate);
    }

    @Test
    void aChangeIsJudgedBesideTheOthersThatAreInForce() {
        StandingPolicy terms =
                new StandingPolicy(Aspect.ROUTE, "a.test", Map.of("tls", "required"), "", "", 0, Long.MAX_VALUE);
        assertThat(PolicyBook.fault(terms)).as("its value means something").isNull();
        assertThat(new PolicyBook(FILE, Map.of(), 0).faultBesideOthers(terms)).startsWith("to: wanted is at least one");
        Map<String, Policy> others = new HashMap<>();
        others.put("route:*", record("route:*", "to=relay.test"));
        assertThat(new PolicyBook(FILE, others, 0).faultBesideOthers(terms)).isNull();
        others.put("roll-up:mx.test", record("roll-up:mx.test", "destination=Big"));
        assertThat(new PolicyBook(FILE, others, 0).rollUps()).containsExactlyInAnyOrder("Google", "Big");
    }

    private static Policy record(String key, @Nullable String setting) {
        int colon = key.indexOf(':');
        Map<String, String> settings = setting == null
                ? Map.of()
                : Map.of(
                        setting.substring(0, setting.indexOf('=')),
                        setting.substring(setting.indexOf('=') + 1).trim());
        return new Policy(key.substring(0, colon), key.substring(colon + 1), settings, "because", "me", 0L);
    }
}
