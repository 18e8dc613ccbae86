package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerAdviceTest {
    @ParameterizedTest
    @CsvSource({
        "broker.session.timeout.ms, 3000, 9000",
        "replica.lag.time.max.ms, 10000, 30000",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms, 1000, 10000",
        "group.min.session.timeout.ms, 6000, 6001"
    })
    void theWorstBrokerCounts(String setting, String advised, String worse) {
        assertThat(BrokerAdvice.of(List.of(broker(setting, advised), broker(setting, advised))))
                .isEmpty();
        assertThat(BrokerAdvice.of(List.of(broker(setting, advised), broker(setting, worse))))
                .singleElement()
                .asString()
                .startsWith("the brokers have " + setting + "=" + worse + ", advised is at most " + advised + ": ");
    }

    private static Function<String, String> broker(String setting, String value) {
        return asked -> Map.of(setting, value).getOrDefault(asked, "");
    }
}
