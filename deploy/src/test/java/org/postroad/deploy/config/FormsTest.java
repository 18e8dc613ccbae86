package org.postroad.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.Form;
import org.postroad.deploy.settings.Reading;

/** For each kind of value: what is taken and how it is shown, and what is said of the rest. */
class FormsTest {
    /** A form, with something that fits. */
    private record Kind<T>(Form<T> form, String example) {
        void declare(Reading reading) {
            reading.root().key("k", form, Default.none(example), "");
        }
    }

    private static final Map<String, Kind<?>> KINDS = Map.ofEntries(
            Map.entry("text", new Kind<>(Forms.TEXT, "x")),
            Map.entry("duration", new Kind<>(Forms.DURATION, "1s")),
            Map.entry("<=10m", new Kind<>(Forms.DURATION.where(d -> d.toMillis() <= 600_000, "at most 10m"), "1s")),
            Map.entry("octets", new Kind<>(Forms.octets(1, 1 << 30), "1B")),
            Map.entry("<=256KiB", new Kind<>(Forms.octets(0, 256 << 10), "1B")),
            Map.entry("count", new Kind<>(Forms.count(1), "1")),
            Map.entry("port", new Kind<>(Forms.port(1), "1")),
            Map.entry("port or 0", new Kind<>(Forms.port(0), "1")),
            Map.entry("boolean", new Kind<>(Forms.YES_OR_NO, "true")),
            Map.entry("enum", new Kind<>(Forms.oneOf(AddressFamily.ANY, AddressFamily.IPV4), "any")),
            Map.entry("host", new Kind<>(Forms.HOST_NAME, "a.b")),
            Map.entry("host or address", new Kind<>(Forms.HOST_NAME_OR_ADDRESS, "a.b")),
            Map.entry("address", new Kind<>(Forms.ADDRESS, "127.0.0.1")),
            Map.entry("optional address", new Kind<>(Forms.ADDRESS.optional(), "127.0.0.1")),
            Map.entry("address:port", new Kind<>(Forms.ADDRESS_AND_PORT, "127.0.0.1:1")),
            Map.entry("mailbox", new Kind<>(Forms.MAILBOX, "a@b.c")),
            Map.entry("list", new Kind<>(Forms.DURATION.list(), "[1s]")),
            Map.entry("list >= 1", new Kind<>(Forms.DURATION.list().notEmpty("one is needed"), "[1s]")),
            Map.entry(
                    "list = 1", new Kind<>(Forms.DURATION.list().where(l -> l.size() == 1, "a list of one"), "[1s]")));

    private static @Nullable Object read(String kind, String yaml) {
        Reading reading = Reading.ofText("k: " + yaml, "f", Map.of());
        Objects.requireNonNull(KINDS.get(kind)).declare(reading);
        reading.close();
        return reading.root().shown().plain().get("k");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            text            | a b                 | a b
            text            | 010                 | 010
            text            | 0x1F                | 0x1F
            text            | on                  | on
            text            | 2026-01-01          | 2026-01-01
            text            | "null"              | null
            text            | !!str 5             | 5
            duration        | 500ms               | 500ms
            duration        | 1500ms              | 1500ms
            duration        | 0s                  | 0s
            duration        | 90s                 | 90s
            duration        | 60s                 | 1m
            duration        | 24h                 | 1d
            duration        | 36500d              | 36500d
            <=10m           | 600s                | 10m
            octets          | 1                   | 1B
            octets          | 1024                | 1KiB
            octets          | 1 MB                | 1000000B
            octets          | 1GiB                | 1GiB
            <=256KiB        | 0                   | 0B
            count           | 1                   | 1
            count           | 007                 | 7
            count           | "12"                | 12
            count           | 2147483647          | 2147483647
            port            | 65535               | 65535
            port or 0       | 0                   | 0
            boolean         | true                | true
            boolean         | "false"             | false
            enum            | ipv4                | ipv4
            host            | Mail.example.org    | Mail.example.org
            host            | localhost           | localhost
            host or address | "::1"               | ::1
            host or address | b\u00fccher.example | b\u00fccher.example
            address         | 192.0.2.1           | 192.0.2.1
            address:port    | 127.0.0.1:0         | 127.0.0.1:0
            address:port    | "[::1]:65535"       | [0:0:0:0:0:0:0:1]:65535
            mailbox         | a.b@c.d             | a.b@c.d
            list            | [1s, 2m]            | [1s, 2m]
            list            | 1s,2m               | [1s, 2m]
            list            | "1s, 2m"            | [1s, 2m]
            list            | []                  | []
            list = 1        | 1s                  | [1s]
            """)
    void whatFitsIsTaken(String kind, String yaml, String shown) {
        assertThat(String.valueOf(read(kind, yaml))).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            text            |                     | missing, and it has no default
            text            | ~                   | missing, and it has no default
            text            | ""                  | missing, and it has no default
            text            | [a]                 | [...] is not a single value
            text            | {}                  | {} is not a single value
            duration        | 5                   | 5 is not a duration such as 30s, 5m, 4h or 5d
            duration        | -5s                 | -5s is not a duration such as 30s, 5m, 4h or 5d
            duration        | 1.5h                | 1.5h is not a duration such as 30s, 5m, 4h or 5d
            duration        | 9999999999d         | 9999999999d is not a duration such as 30s, 5m, 4h or 5d
            duration        | 36501d              | 36501d is not a duration of at most 36500d
            duration        | 999999999d          | 999999999d is not a duration of at most 36500d
            duration        | 5M                  | 5M is not a duration such as 30s, 5m, 4h or 5d
            <=10m           | 601s                | 601s is not at most 10m
            octets          | 50Mi                | 50Mi is not a size such as 50MiB
            octets          | -1                  | -1 is not a size such as 50MiB
            octets          | 999999999999GiB     | 999999999999GiB is not a size such as 50MiB
            octets          | 0                   | 0 is not from 1B to 1GiB
            octets          | 2GiB                | 2GiB is not from 1B to 1GiB
            <=256KiB        | 1MiB                | 1MiB is not at most 256KiB
            count           | ten                 | ten is not a whole number
            count           | 1.5                 | 1.5 is not a whole number
            count           | 1e3                 | 1e3 is not a whole number
            count           | 0x1F                | 0x1F is not a whole number
            count           | 1_000               | 1_000 is not a whole number
            count           | 0                   | 0 is not at least 1
            count           | -5                  | -5 is not at least 1
            count           | 2147483648          | 2147483648 is not at most 2147483647
            count           | 99999999999999999999999999999999 | 99999999999999999999999999999999 is not at most 2147483647
            count           | -99999999999999999999999999999999 | -99999999999999999999999999999999 is not at least 1
            port            | 0                   | 0 is not a port
            port            | 65536               | 65536 is not a port
            port            | smtp                | smtp is not a whole number
            port or 0       | -1                  | -1 is not a port
            boolean         | yes                 | yes is not true or false
            boolean         | True                | True is not true or false
            boolean         | 1                   | 1 is not true or false
            enum            | ipv6                | ipv6 is not one of any, ipv4
            enum            | ANY                 | ANY is not one of any, ipv4
            host            | a b                 | a b is not a host name such as mail.example.org
            host            | -a.b                | -a.b is not a host name such as mail.example.org
            host            | a..b                | a..b is not a host name such as mail.example.org
            host or address | 1.2.3.4/8           | 1.2.3.4/8 is not a host name or a numeric address
            address         | eth0                | eth0 is not a numeric address of this machine
            address         | 256.1.1.1           | 256.1.1.1 is not a numeric address of this machine
            optional address | eth0               | eth0 is not a numeric address of this machine
            address:port    | localhost:1         | localhost:1 is not an address and port such as 127.0.0.1:2525 or [::1]:2525
            address:port    | 127.0.0.1           | 127.0.0.1 is not an address and port such as 127.0.0.1:2525 or [::1]:2525
            address:port    | 127.0.0.1:65536     | 127.0.0.1:65536 is not an address and port such as 127.0.0.1:2525 or [::1]:2525
            address:port    | 999.1.1.1:1         | 999.1.1.1:1 is not a numeric address
            mailbox         | nobody              | nobody is not an address such as postmaster@example.org
            mailbox         | "a@b.c\\r\\nBcc: d" | a@b.c??Bcc: d is not an address such as postmaster@example.org
            list            | {}                  | {} is not a list
            list = 1        | [1s, 2s]            | [1s, 2s] is not a list of one
            list >= 1       | []                  | empty; one is needed
            """)
    void ofTheRestItIsSaidWhatIsWanted(String kind, String yaml, String fault) {
        assertThatThrownBy(() -> read(kind, yaml == null ? "" : yaml))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("f, line 1: k: " + fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [1s, 2]         | k[1]: 2 is not a duration such as 30s, 5m, 4h or 5d
            1s,,2s          | k[1]: empty
            [1s, ~]         | k[1]: empty
            [1s, [2s]]      | k[1]: [...] is not a single value
            [{}]            | k[0]: {} is not a single value
            """)
    void anElementIsNamed(String yaml, String fault) {
        assertThatThrownBy(() -> read("list", yaml)).hasMessage("f, line 1: " + fault);
    }
}
