package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.StandingPolicy;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Limits and routes that are changed on the control topic hold for mail that moves, with nothing restarted. */
@Tag("long")
class PolicyScenarioTest {
    private static final int MAILS = 10;
    private static final String LIMIT = "limit:there.test";
    private static final String ROUTE = "route:there.test";

    private int submitted;

    @Test
    void whatIsChangedHoldsWhileMailMovesAndAfterARestartUntilItEnds(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger hub = Road.exchanger(Script.accepting());
                ScriptedExchanger other = Road.exchanger(Script.accepting())) {
            try (Road road = Road.open(directory, hub)) {
                assertThat(connectionsOfTen(road, hub))
                        .as("the file's 50 mails each")
                        .isLessThan(MAILS);
                write(road, Aspect.LIMIT, Map.of("messages-per-connection", "1"), Long.MAX_VALUE);
                Road.await(() -> connectionsOfTen(road, hub), count -> count == MAILS);
                write(road, Aspect.ROUTE, Map.of("to", "127.0.0.1:" + other.port()), Long.MAX_VALUE);
                Road.await(() -> mailsOfTen(road, hub, other), count -> count == MAILS);
            }
            try (Road road = Road.open(directory, hub)) {
                long before = other.counts().mails();
                assertThat(connectionsOfTen(road, other))
                        .as("from the first mail on")
                        .isEqualTo(MAILS);
                assertThat(other.counts().mails() - before).isEqualTo(MAILS);

                control(road).remove(List.of(ROUTE));
                Road.await(() -> mailsOfTen(road, other, hub), count -> count == MAILS);
                assertThat(connectionsOfTen(road, hub)).isEqualTo(MAILS);

                long soon = Clock.systemUTC().millis() + Duration.ofSeconds(1).toMillis();
                write(road, Aspect.LIMIT, Map.of("messages-per-connection", "1"), soon);
                Road.await(() -> connectionsOfTen(road, hub), count -> count < MAILS);
                assertThat(road.settledLedger().delivered()).isEqualTo(submitted);
                assertThat(control(road).read()).containsKey(LIMIT).doesNotContainKey(ROUTE);
            }
            assertThat(hub.counts().mails() + other.counts().mails()).isEqualTo(submitted);
        }
    }

    @Test
    void theOperatorsCommandHoldsWithinASecondAndEndsByItselfOrWhenItIsTakenBack(@TempDir Path directory)
            throws Exception {
        try (ScriptedExchanger hub = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, hub)) {
            String one = "messages-per-connection=1";
            assertThat(run(road, 0, "set", "limit:There.TEST.", one, "--by", "ann", "--reason", "they complain"))
                    .startsWith("set: in force    limit:there.test messages-per-connection=1  by ann at ")
                    .endsWith(": they complain\n");
            Road.await(() -> connectionsOfTen(road, hub), count -> count == MAILS);
            assertThat(run(road, 0, "set", LIMIT, one))
                    .startsWith("stands already: ")
                    .contains("by ann");
            assertThat(run(road, 0, "set", LIMIT, one, "--by", "bob", "--reason", "they still do"))
                    .contains("by bob", "before: in force    " + LIMIT, "by ann");
            assertThat(Commands.run("config", "show", "--config", road.configFile())
                            .out())
                    .contains("# policies:\n# in force    " + LIMIT);

            assertThat(run(road, 0, "unset", "limit:THERE.test", "--by", "ann", "--reason", "mended"))
                    .startsWith("unset: taken back  " + LIMIT)
                    .contains("by ann", "mended", "before: in force");
            Road.await(() -> connectionsOfTen(road, hub), count -> count < MAILS);
            assertThat(run(road, 1, "unset", LIMIT)).startsWith("does not stand: taken back  " + LIMIT);
            assertThat(run(road, 1, "unset", "limit:other.test")).isEqualTo("does not stand: limit:other.test\n");

            assertThat(run(road, 0, "set", "limit:*", one, "--for", "1h")).contains("  until ");
            assertThat(Commands.run("config", "show", "--config", road.configFile())
                            .out())
                    .containsPattern("messages-per-connection: 50 +# default; policy limit:\\*: 1 until ");
            assertThat(run(road, 0, "set", "limit:*", one, "--for", "1s"))
                    .startsWith("set: ")
                    .contains("before: in force    limit:*");
            Road.await(() -> run(road, 0, "list"), list -> list.contains("ended       limit:*"));
            Road.await(() -> connectionsOfTen(road, hub), count -> count < MAILS);
            assertThat(run(road, 0, "list", "--json"))
                    .contains("\"key\":\"limit:*\",\"state\":\"ended\"", "\"by\":\"ann\"");
            assertThat(Commands.run(
                                    "policy",
                                    "set",
                                    "route:there.test",
                                    "tls=none",
                                    "to=",
                                    "--config",
                                    road.configFile())
                            .code())
                    .isEqualTo(2);
            assertThat(Commands.run("policy", "set", "limit:our mail", one, "--config", road.configFile()))
                    .isEqualTo(new Commands.Answer(
                            2,
                            "",
                            "postroad policy set: limit:our mail: wanted is *, a domain, or the destination of a"
                                    + " roll-up; see 'postroad policy set --help'\n"));
        }
    }

    /** Its mail would be due in an hour. */
    @Test
    void whatIsSuspendedWaitsAndIsCalledBackWhenThatIsTakenBack(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger hub = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, hub)) {
            assertThat(run(road, 0, "set", "suspend:There.test", "--for", "1h", "--reason", "they asked for it"))
                    .startsWith("set: in force    suspend:there.test  until ");
            String queueId = Road.await(() -> road.submit(List.of("first@there.test")), id -> {
                Commands.Answer why = await(road, id);
                return why.out().contains("waits untried since");
            });
            assertThat(await(road, queueId).out())
                    .contains("suspended by an operator until ", ": they asked for it; it is tried next at ");
            for (int i = 0; i < MAILS; i++) {
                submit(road);
            }
            long before = hub.counts().mails();
            road.submit(List.of("other@other.test"));
            hub.awaitMails(before + 1, Road.PATIENCE);
            assertThat(hub.counts().mails()).isEqualTo(before + 1);
            assertThat(Commands.run("config", "show", "--config", road.configFile())
                            .out())
                    .contains("# in force    suspend:there.test");

            assertThat(run(road, 0, "unset", "suspend:there.test")).startsWith("unset: taken back");
            road.settledLedger();
            assertThat(hub.counts().mails()).isGreaterThanOrEqualTo(before + 1 + MAILS + 1);
        }
    }

    @Test
    void whatIsHeldWaitsUntilItIsReleasedAndIsNotHeldAgain(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger hub = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, hub)) {
            String[] hold = {
                "hold", "--domain", "there.test", "--reason", "a run of spam", "--config", road.configFile()
            };
            assertThat(Commands.run(hold).out()).startsWith("set: in force    hold:domain=there.test  by ");
            assertThat(Commands.run(hold).out()).startsWith("stands already: in force    hold:domain=there.test");
            String queueId = Road.await(
                    () -> road.submit(List.of("a@there.test", "b@other.test")),
                    id -> await(road, id).out().contains("is held since "));
            assertThat(await(road, queueId).out())
                    .contains(
                            ": held by an operator (hold:domain=there.test): a run of spam, until an operator releases it.");
            long before = hub.counts().mails();
            assertThat(Road.await(() -> road.settledLedger(), terms -> terms.held() > 0)
                            .held())
                    .isPositive();

            Commands.Answer released = Commands.run("release", "--domain", "there.test", "--config", road.configFile());
            assertThat(released.out()).contains("released ");
            hub.awaitMails(before + 1, Road.PATIENCE);
            assertThat(road.settledLedger().held()).as("not held again").isZero();

            Road.await(
                    () -> road.submit(List.of("c@there.test")),
                    id -> await(road, id).out().contains("is held since "));
            assertThat(run(road, 0, "unset", "hold:domain=there.test")).startsWith("unset: taken back");
            Road.await(
                    () -> road.submit(List.of("d@there.test")),
                    id -> await(road, id).out().contains("has it"));
        }
    }

    /** Why it has not arrived, once something is known of it beside its acceptance. */
    private static Commands.Answer await(Road road, String queueId) {
        try {
            return Road.await(
                    () -> Commands.run("why", queueId, "--config", road.configFile()),
                    answer -> answer.code() == 0 && !answer.out().contains("no attempt has ended yet"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String run(Road road, int code, String... words) {
        List<String> line = new ArrayList<>(List.of("policy"));
        line.addAll(List.of(words));
        line.addAll(List.of("--config", road.configFile()));
        Commands.Answer answer = Commands.run(line.toArray(String[]::new));
        assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
        return answer.out();
    }

    /** How many connections carry ten mails, one after the other. */
    private long connectionsOfTen(Road road, ScriptedExchanger exchanger) throws Exception {
        long before = exchanger.counts().connections();
        for (int i = 0; i < MAILS; i++) {
            long mails = exchanger.counts().mails();
            submit(road);
            exchanger.awaitMails(mails + 1, Road.PATIENCE);
        }
        return exchanger.counts().connections() - before;
    }

    /** How many of ten mails went to the second. */
    private long mailsOfTen(Road road, ScriptedExchanger first, ScriptedExchanger second) throws Exception {
        long before = first.counts().mails() + second.counts().mails();
        long beforeOfSecond = second.counts().mails();
        for (int i = 0; i < MAILS; i++) {
            submit(road);
        }
        Road.await(() -> first.counts().mails() + second.counts().mails(), count -> count == before + MAILS);
        return second.counts().mails() - beforeOfSecond;
    }

    private void submit(Road road) throws Exception {
        road.submit(List.of("reader" + submitted++ + "@there.test"));
    }

    private static void write(Road road, Aspect aspect, Map<String, String> settings, long untilMillis) {
        control(road)
                .write(List.of(new StandingPolicy(
                                aspect,
                                "there.test",
                                settings,
                                "a scenario",
                                "its test",
                                Clock.systemUTC().millis(),
                                untilMillis)
                        .toRecord()));
    }

    private static ControlTopic control(Road road) {
        return new ControlTopic(road.kafka(), road.topics(), new KnownSchemas());
    }
}
