package org.postroad.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands make of an observer's answer that is not the whole truth, or of none. */
class ObserverRemarksTest {
    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text.replace('\'', '"').getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'lag':0,'gaps':false} | ",
                "{'lag':100,'gaps':false,'list':[],'more':true} | ",
                "{'lag':101} | the observer is 101 events behind",
                "{'lag':-1} | the observer hears nothing of Kafka",
                "{'lag':0,'gaps':true} | the observer has not all events",
                "{'lag':0,'events':[],'more':true} | there is more of it than one answer holds",
                "{'lag':0,'messages':[],'more':true} | there is more of it than one answer holds",
            })
    void whatItMayLackIsSaid(String answer, String remark) throws Exception {
        String said = String.join("\n", ObserverClient.remark(json(answer)));
        assertThat(said).startsWith(remark == null ? "" : remark);
        assertThat(said.isEmpty()).isEqualTo(remark == null);
    }

    @ParameterizedTest
    @CsvSource({
        "true, false, 0, false, false",
        "true, false, 0, true, true",
        "false, false, 0, false, true",
        "false, true, 0, false, false",
        "false, true, 0, true, true",
        "true, false, 5000, true, false",
        "true, false, -1, true, false",
        "false, false, 5000, true, true"
    })
    void gapsExcuseTheBalanceAloneAndBacklogTheLate(
            boolean balanced, boolean gaps, long lag, boolean late, boolean finding) throws Exception {
        JsonNode answer = json("{'balanced':%s,'gaps':%s,'lag':%d,'pastLifetime':[%s]}"
                .formatted(balanced, gaps, lag, late ? "{}" : ""));
        assertThat(LedgerCommand.isFinding(answer)).isEqualTo(finding);
    }

    @Test
    void anObserverThatHangsUpIsNamed(@TempDir Path directory) throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Thread hangsUp = new Thread(() -> {
                try {
                    while (true) {
                        socket.accept().close();
                    }
                } catch (IOException ended) {
                    // the test is over
                }
            });
            hangsUp.setDaemon(true);
            hangsUp.start();
            Path file = Files.writeString(
                    directory.resolve("postroad.yaml"),
                    "kafka: {bootstrap-servers: \"127.0.0.1:1\"}\nnode: {hostname: a.test, observer: \"127.0.0.1:%d\"}\n"
                            .formatted(socket.getLocalPort()));
            Commands.Answer answer = Commands.run("ledger", "--now", "--config", file.toString());
            assertThat(answer.err())
                    .contains("the observer at 127.0.0.1:" + socket.getLocalPort() + " does not answer");
            assertThat(answer.code()).isEqualTo(3);
        }
    }

    @Test
    void aListThatIsCutHasALineThatSaysSo() throws Exception {
        assertThat(QueueLines.of(json("{'list':[{'queueId':'A'}],'more':true}")))
                .last()
                .isEqualTo("and more: --limit shows more");
        assertThat(QueueLines.of(json("{'list':[],'more':false}"))).containsExactly("nobody is meant");
    }
}
