package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Mail that was accepted outlives the process that accepted it. */
@Tag("broker")
class RestartScenarioTest {
    private static final int MAILS = 20;

    @Test
    void whatWasAcceptedBeforeARestartIsDeliveredOnceAfterIt(@TempDir Path directory) throws Exception {
        Script closed = Script.accepting().at(Point.CONNECT, "421 4.3.2 Not now");
        try (ScriptedExchanger exchanger = Road.exchanger(closed)) {
            List<String> expected = new ArrayList<>();
            try (Road road = Road.open(directory, exchanger)) {
                for (int i = 0; i < MAILS; i++) {
                    expected.add("reader" + i + "@there.test");
                    road.submit(List.of(expected.get(i)));
                }
            }
            assertThat(exchanger.counts().mails()).isZero();

            exchanger.behave(Script.accepting());
            try (Road road = Road.open(directory, exchanger)) {
                List<String> taken = exchanger.awaitMails(MAILS, Road.PATIENCE).stream()
                        .flatMap(mail -> mail.recipientAddresses().stream())
                        .toList();
                assertThat(taken).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(road.settledLedger().delivered()).isEqualTo(MAILS);
                assertThat(exchanger.counts().mails()).isEqualTo(MAILS);
            }
        }
    }
}
