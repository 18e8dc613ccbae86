package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TermsTest {
    @Test
    void balancesWhenEveryoneIsSomewhere() {
        Terms terms = new Terms(100, 5, 2, 80, 7, 1, 3, 1, 4, 3, 2, 6);
        assertThat(terms.inFlight()).isEqualTo(15);
        assertThat(terms.missing()).isZero();
        assertThat(terms.isBalanced()).isTrue();
    }

    @Test
    void saysHowManyAreNowhere() {
        assertThat(new Terms(100, 0, 0, 98, 0, 0, 0, 0, 0, 0, 0, 0).missing()).isEqualTo(2);
    }

    @Test
    void saysHowManyAreThereTwice() {
        assertThat(new Terms(100, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, 0).missing()).isEqualTo(-1);
    }
}
