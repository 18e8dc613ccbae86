package org.postroad.deliverer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliverer in a simulated world, seed by seed. A failure names its seed, which {@code -Dpostroad.seed=...} runs again, alone and
 * exactly; {@code -Dpostroad.seeds=...} runs so many.
 */
class SimulationTest {
    private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);
    private static final int SEEDS = Integer.getInteger("postroad.seeds", 200);

    @Test
    void whateverHappensNothingIsLostForkedOrForgotten() {
        Long one = Long.getLong("postroad.seed");
        long first = one == null ? Long.getLong("postroad.firstSeed", 1) : one;
        long last = one == null ? first + SEEDS : first + 1;
        Duration time = Duration.ZERO;
        long steps = 0;
        long mails = 0;
        long copies = 0;
        long dots = 0;
        for (long seed = first; seed < last; seed++) {
            Simulation run = new Simulation(seed).run();
            time = time.plus(run.time());
            steps += run.steps();
            mails += run.mails();
            copies += run.witness().copies;
            dots += run.witness().dots;
        }
        LOG.atInfo().log(last - first + " seeds: " + time.toHours() + " hours, " + mails + " recipients, " + dots
                + " final dots, " + copies + " copies, " + steps + " steps");
    }

    @Test
    void aSeedIsRepeatedExactly() {
        for (long seed = 1; seed < 6; seed++) {
            assertThat(new Simulation(seed).run().trace())
                    .as("seed " + seed)
                    .isEqualTo(new Simulation(seed).run().trace());
        }
    }
}
