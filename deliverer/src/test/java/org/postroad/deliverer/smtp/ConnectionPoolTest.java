package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.TlsPolicy;

class ConnectionPoolTest {
    private static final Endpoint ONE = endpoint(1, TlsPolicy.OPPORTUNISTIC);
    private static final Endpoint TWO = endpoint(2, TlsPolicy.OPPORTUNISTIC);

    private final ConnectionPool<String> pool = new ConnectionPool<>();

    @Test
    void givesTheOneUsedLastOfTheSameEndpointAndTlsOnly() {
        pool.add(ONE, "a", 0);
        pool.add(ONE, "b", 1);
        assertThat(pool.take(TWO)).isNull();
        assertThat(pool.take(ONE.inClear())).isNull();
        assertThat(pool.take(endpoint(1, TlsPolicy.OPPORTUNISTIC))).isEqualTo("b");
        assertThat(pool.take(ONE)).isEqualTo("a");
        assertThat(pool.take(ONE)).isNull();
        assertThat(pool.size()).isZero();
    }

    @Test
    void theUnusedExpireAndTheUsedStay() {
        pool.add(ONE, "a", 5);
        pool.add(TWO, "b", 8);
        pool.add(ONE, "c", 12);
        assertThat(pool.expired(4)).isEmpty();
        assertThat(pool.expired(5)).containsExactly("a");
        assertThat(pool.expired(12)).containsExactlyInAnyOrder("b", "c");
        assertThat(pool.size()).isZero();
    }

    @Test
    void evictsTheOneWhoseTimeIsOverNext() {
        assertThat(pool.evict()).isNull();
        pool.add(TWO, "b", 3);
        pool.add(ONE, "a", 2);
        pool.add(ONE, "c", 4);
        assertThat(pool.evict()).isEqualTo("a");
        assertThat(pool.evict()).isEqualTo("b");
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void oneClosedByItsExchangerIsGone() {
        pool.add(ONE, "a", 0);
        assertThat(pool.remove(ONE, "a")).isTrue();
        assertThat(pool.remove(ONE, "a")).isFalse();
        assertThat(pool.take(ONE)).isNull();
        assertThat(pool.size()).isZero();
    }

    private static Endpoint endpoint(int port, TlsPolicy tls) {
        return Endpoint.of("mx.test", InetAddress.getLoopbackAddress(), port, tls);
    }
}
