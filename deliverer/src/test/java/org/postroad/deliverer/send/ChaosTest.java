package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Exchangers that fail at random points: whatever happens, each delivery ends once, and no mail is taken unnoticed. */
class ChaosTest {
    private static final int MAILS = 3_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyDeliveryEndsExactlyOnceAndNothingIsLost(long seed) throws Exception {
        try (ScriptedExchanger one = ScriptedExchanger.start(moody(seed, 40));
                ScriptedExchanger two = ScriptedExchanger.start(moody(seed + 100, 15));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(8))) {
            Random random = new Random(seed);
            Map<Long, Integer> ends = new HashMap<>();
            Map<String, Integer> fates = new TreeMap<>();
            for (int i = 0; i < MAILS; i++) {
                Deliveries delivery = Deliveries.to(
                                Deliveries.smarthost(one.port(), two.port()), "m" + i + "@example.test")
                        .towards("destination" + random.nextInt(5))
                        .on(random.nextInt(3));
                world.send(delivery);
                if (i == MAILS / 2) {
                    world.destinations.revoke(Set.of(new TopicPartition("outbound", 1)));
                }
            }
            for (Completion completion : world.next(MAILS)) {
                ends.merge(completion.delivery().offset(), 1, Integer::sum);
                String fate = completion.isGivenBack()
                        ? "given back"
                        : String.join(",", FakeWorld.fates(completion).values());
                fates.merge(fate.split(" ")[0], 1, Integer::sum);
            }
            assertThat(ends).as("seed %d", seed).hasSize(MAILS);
            assertThat(fates).as("seed %d", seed).doesNotContainKeys("faulted", "bounced", "held");
            long taken = one.counts().mails() + two.counts().mails();
            int delivered = fates.getOrDefault("delivered", 0);
            int doubtful = fates.getOrDefault("in", 0);
            assertThat(taken).as("seed %d %s", seed, fates).isBetween((long) delivered, (long) delivered + doubtful);
            assertThat(delivered).as("seed %d %s", seed, fates).isGreaterThan(0);
        }
    }

    /** Behaves badly once in so many passages of each point. */
    private static Script moody(long seed, int oneIn) {
        Random random = new Random(seed);
        List<Effect> moods = List.of(
                Effect.close(),
                Effect.reset(),
                Effect.reply("421 4.3.2 closing").then(Effect.close()),
                Effect.reply("451 4.3.0 later"),
                Effect.reply("nonsense"),
                Effect.halfReply("250 2.0.0 half"));
        Map<Point, String> usual = Map.of(
                Point.CONNECT, "220 mx.test",
                Point.MAIL, "250 2.1.0 ok",
                Point.RCPT, "250 2.1.5 ok",
                Point.DATA, "354 go",
                Point.DOT, "250 2.0.0 taken");
        Script script = Script.accepting();
        for (Map.Entry<Point, String> point : usual.entrySet()) {
            Effect good = Effect.reply(point.getValue());
            Effect slow = Effect.delay(Duration.ofMillis(5), good);
            script = script.at(point.getKey(), wire -> {
                int mood = random.nextInt(oneIn * moods.size());
                Effect effect = mood < moods.size() ? moods.get(mood) : mood == moods.size() ? slow : good;
                effect.play(wire);
            });
        }
        return script;
    }
}
