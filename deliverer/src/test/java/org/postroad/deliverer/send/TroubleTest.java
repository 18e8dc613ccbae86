package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.Step;
import org.postroad.schemas.TlsPolicy;

class TroubleTest {
    private final Trouble trouble = new Trouble();

    /** It was put back because the next one had no room, and must not go to the one that hung up again and again meanwhile. */
    @Test
    void whereItBrokeComesLastInItsNextTurnToo() throws Exception {
        AddressPlan plan = plan(1, 2, 3);
        assertThat(trouble.lastWhereItBroke(plan)).isEqualTo(plan);
        assertThat(trouble.mayRide()).isTrue();
        trouble.brokeAt(plan.endpoints().get(0));
        trouble.begin();
        assertThat(trouble.lastWhereItBroke(plan).endpoints())
                .isEqualTo(plan(2, 3, 1).endpoints());
        assertThat(trouble.mayRide()).isFalse();
        trouble.brokeAt(plan.endpoints().get(1));
        assertThat(trouble.lastWhereItBroke(plan).endpoints())
                .isEqualTo(plan(3, 1, 2).endpoints());
        trouble.brokeAt(plan.endpoints().get(2));
        assertThat(trouble.lastWhereItBroke(plan).endpoints()).isEqualTo(plan.endpoints());
    }

    @Test
    void aConnectionThatWasOnlyFullIsNoReasonToGoElsewhere() throws Exception {
        AddressPlan plan = plan(1, 2);
        trouble.goingTo(plan.endpoints().get(0));
        trouble.ended(Breakdown.of(Breakdown.Kind.REFUSED, Step.BANNER, "421 too busy"));
        assertThat(trouble.lastWhereItBroke(plan)).isEqualTo(plan);
    }

    private static AddressPlan plan(int... hosts) throws UnknownHostException {
        List<Endpoint> endpoints = new java.util.ArrayList<>();
        for (int host : hosts) {
            InetAddress address = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) host});
            endpoints.add(Endpoint.of("mx" + host + ".test", address, 25, TlsPolicy.NONE));
        }
        return new AddressPlan(endpoints, endpoints.size(), false, false, AddressFamily.ANY);
    }
}
