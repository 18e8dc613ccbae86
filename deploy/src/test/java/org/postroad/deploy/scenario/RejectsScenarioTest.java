package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.operator.Mails;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What cannot go on is an end like every other: the ledger counts its recipients, and a trace tells it. */
@Tag("broker")
class RejectsScenarioTest {
    private static final String ACCEPTED = "01JD0000000000000000000001";
    private static final String DUE_AGAIN = "01JD0000000000000000000002";

    @Test
    void recipientsOfRejectsAreCountedWhereTheyCanBeRead(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger);
                Producer<byte[], byte[]> others =
                        new KafkaProducer<>(road.kafka().producer("others"))) {
            String inbound = road.topics().inbound().name();
            String again = road.topics().again().name();
            put(others, inbound, tooLarge(ACCEPTED, "a@there.test", "b@there.test"));
            put(others, road.topics().events().name(), acceptance(DUE_AGAIN, "c@there.test"));
            put(others, again, tooLarge(DUE_AGAIN, "c@there.test"));
            put(others, inbound, "no mail at all".getBytes(UTF_8));
            road.submit(List.of("now@there.test"));

            JsonNode ledger = Road.await(
                    () -> ledger(road),
                    found -> found.get("inFlight").asLong() == 0
                            && found.get("rejected").asLong() == 3
                            && found.get("delivered").asLong() == 1);
            assertThat(ledger.get("accepted").asLong()).isEqualTo(4);
            assertThat(ledger.get("balanced").asBoolean()).isTrue();
            assertThat(ledger.get("unreadable").asLong()).isEqualTo(1);
            assertThat(Commands.run("trace", ACCEPTED, "--config", road.configFile())
                            .out())
                    .contains("accepted from sender@sender.test for a@there.test, b@there.test")
                    .contains("rejected a@there.test, b@there.test: a record made of it would not fit its topic");
        }
    }

    private static JsonNode ledger(Road road) throws Exception {
        return new ObjectMapper()
                .readTree(Commands.run("ledger", "--json", "--config", road.configFile())
                        .out());
    }

    private static void put(Producer<byte[], byte[]> producer, String topic, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(topic, "key".getBytes(UTF_8), value)).get();
    }

    private static byte[] tooLarge(String queueId, String... addresses) {
        Envelope envelope = Mails.envelope(queueId, addresses);
        envelope.put("content", new InlineContent(ByteBuffer.allocate(Caps.RECORD_OCTETS)));
        return new Codec<>(Envelope.class, new KnownSchemas()).encode(envelope);
    }

    private static byte[] acceptance(String queueId, String... addresses) {
        return Event.of(Event.Kind.ACCEPTED, 1, Mails.envelope(queueId, addresses), Mails.recipients(addresses))
                .toJson();
    }
}
