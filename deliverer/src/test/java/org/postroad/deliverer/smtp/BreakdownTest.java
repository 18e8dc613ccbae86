package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BreakdownTest {
    /** As epoll and the JDK say it; whether it says that this host cannot even try. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:9 | Connection refused | false
            finishConnect(..) failed with error(-110): Connection timed out: /127.0.0.1:9 | Connection timed out | false
            connect(..) failed with error(-97): Address family not supported: /[::1]:9 | Address family not supported | true
            connect(..) failed with error(-22): Invalid argument: /[fe80:0:0:0:0:0:1:2]:9 | Invalid argument | true
            bind(..) failed with error(-99): Cannot assign requested address | Cannot assign requested address | true
            Connection refused: /127.0.0.1:9 | Connection refused | false
            Network is unreachable: /240.0.0.1:9 | Network is unreachable | true
            """)
    void saysWhyInTheSystemsWords(String message, String words, boolean ofThisHost) {
        Breakdown why = Breakdown.unreachable(new ConnectException(message));
        assertThat(why.detail()).isEqualTo("cannot connect: " + words);
        assertThat(why.isOfThisHost()).isEqualTo(ofThisHost);
    }

    @Test
    void saysSomethingWhereTheSystemSaysNothing() {
        Breakdown noRoute = Breakdown.unreachable(new NoRouteToHostException("null: /240.0.0.1:9"));
        assertThat(noRoute.detail()).isEqualTo("cannot connect: No route to host");
        assertThat(noRoute.isOfThisHost()).isTrue();
        Breakdown noSocket = Breakdown.unreachable(new UnsupportedAddressTypeException());
        assertThat(noSocket.detail()).isEqualTo("cannot connect: UnsupportedAddressTypeException");
        assertThat(noSocket.isOfThisHost()).isTrue();
        Breakdown silence = Breakdown.unreachable(new ConnectTimeoutException("connection timed out after 30000 ms"));
        assertThat(silence.detail()).isEqualTo("connection timed out");
        assertThat(silence.isOfThisHost()).isFalse();
    }
}
