package org.postroad.deliverer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The deliverer in a simulated world, seed by seed. A failure names its seed, which {@code -Dpostroad.seed=...} runs again, alone and
 * exactly, with what the nodes log; {@code -Dpostroad.trace=true} shows what is seen of them, too.
 */
class SimulationTest {
    private static final Long SEED = Long.getLong("postroad.seed");
    private static final int SEEDS = 200;

    /** So many take a few minutes. */
    private static final int MANY_SEEDS = Integer.getInteger("postroad.seeds", 1_500);

    @BeforeAll
    static void beQuiet() {
        Configurator.setAllLevels("org.postroad", SEED == null ? Level.OFF : Level.INFO);
    }

    @AfterAll
    static void beHeard() {
        Configurator.reconfigure();
    }

    @Test
    void whateverHappensNothingIsLostForkedOrForgotten(TestReporter reporter) {
        run(SEED == null ? 1 : SEED, SEED == null ? SEEDS : 1, reporter);
    }

    @Test
    @Tag("long")
    void howeverOften(TestReporter reporter) {
        run(SEEDS + 1, MANY_SEEDS, reporter);
    }

    /**
     * Worlds in which something was found once: 269, mail that was put back went to the exchanger again that had hung up on it; 1216, an
     * exchanger that takes one recipient at a time was asked as often again after a crash, which is no fault; 1573, sixty messages of one
     * destination that came back at once from a hold waited for each other, which is none either.
     */
    @ParameterizedTest
    @ValueSource(longs = {269, 1216, 1573})
    void whatWasFoundOnceStaysMended(long seed) {
        assertThat(new Simulation(seed).run().recipients()).isPositive();
    }

    @Test
    void aSeedIsRepeatedExactly() {
        for (long seed = 1; seed <= 3; seed++) {
            long first = new Simulation(seed).run().trace();
            assertThat(new Simulation(seed).run().trace()).as("seed " + seed).isEqualTo(first);
        }
    }

    private static void run(long first, int seeds, TestReporter reporter) {
        Duration time = Duration.ZERO;
        long recipients = 0;
        long dots = 0;
        long copies = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            Simulation run = new Simulation(seed).run();
            time = time.plus(run.time());
            recipients += run.recipients();
            dots += run.witness().dots;
            copies += run.witness().copies;
        }
        reporter.publishEntry(
                seeds + " seeds",
                time.toHours() + " hours, " + recipients + " recipients, " + dots + " final dots, " + copies
                        + " copies");
    }
}
