package org.postroad.deliverer.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.send.HeldResolver;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;

/** The limits, by a clock of the test's. */
class AddressLookupsTest {
    private static final Name NAME = Name.fromConstantString("mx.x.test.");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HeldResolver hurried = new HeldResolver();
    private final HeldResolver patient = new HeldResolver();
    private final List<AddressBook.Answer> found = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void whoeverWaitsTooLongHasFailedWhereverItWaits(AddressFamily family) throws Exception {
        AddressLookups lookups = lookups(family);
        int names = 2 * (AddressLookups.FRESH + AddressLookups.SLOW);
        for (int i = 0; i < names; i++) {
            lookups.find(Name.fromString("n" + i + ".test."), found::add);
        }
        channel.runPendingTasks();
        hurried.failAll();
        channel.runPendingTasks();
        pass(AddressLookups.LIMIT.toMillis() - 1);
        assertThat(found).isEmpty();
        pass(1);
        assertThat(found).hasSize(names).containsOnly(AddressBook.Answer.FAILED);
    }

    @Test
    void whatIsKnownIsToldSoonAndOutlivesTheLimitOfTheRest() throws Exception {
        InetAddress address = InetAddress.getByName("198.51.100.7");
        lookups(AddressFamily.ANY).find(NAME, found::add);
        channel.runPendingTasks();
        hurried.answer(new ARecord(NAME, DClass.IN, 300, address));
        channel.runPendingTasks();
        pass(AddressLookups.OTHER_FAMILY.toMillis());
        assertThat(found).hasSize(1);
        assertThat(patient.names()).containsExactly(NAME.toString());
        pass(AddressLookups.LIMIT.toMillis());
        assertThat(found).hasSize(2).allMatch(answer -> answer.addresses().equals(List.of(address)));
    }

    private AddressLookups lookups(AddressFamily family) {
        channel.freezeTime();
        return new AddressLookups(channel.eventLoop(), hurried, patient, family);
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }
}
