package org.postroad.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.settings.ConfigurationException;

/** Whatever a configuration file holds, the answer is "ok", or exit code 2 with a line for each fault. */
class OddFilesTest {
    private static final String WHOLE = """
            node: {hostname: mail.example.org, own-names: [mx.example.org]}
            kafka: {properties: {a.b: c, d: {e: f}}}
            ingress:
              listeners:
                - {name: a, address: "127.0.0.1:1", relay-from: ["10.0.0.0/8"]}
              max-message-size: 1MiB
            router:
              routes:
                - {domain: "*", to: [mx.example.org], tls: none}
            deliverer: {port: 2600, limits: [{destination: "*", idle: 2s}]}
            retry: {tiers: [1s, 1m], lifetime: 1d}
            """;

    private final Path directory;

    OddFilesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private Commands.Answer check(byte[] content) throws IOException {
        Path file = Files.write(directory.resolve("odd.yaml"), content);
        return Commands.run("config", "check", "--config", file.toString());
    }

    private Commands.Answer check(String content) throws IOException {
        return check(content.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            foo                                     | odd.yaml: not a YAML file of keys and values, but one value
            [1, 2]                                  | odd.yaml: not a YAML file of keys and values, but a list
            "a: 1"                                  | odd.yaml: not a YAML file of keys and values, but one value
            `retry:\\n  lifetime: 1d\\n---\\nnode:` | line 3: not YAML: expected a single document in the stream, but found another
            `retry:\\n\\tlifetime: 1d`              | line 2: not YAML: while scanning for the next token, found character
            `retry: {lifetime: 1d`                  | not YAML: while parsing a flow mapping, expected ',' or '}'
            retry: lifetime: 1d                     | line 1: not YAML: mapping values are not allowed here
            retry: *nobody                          | line 1: not YAML: found undefined alias nobody
            retry: "                                | not YAML: while scanning a quoted scalar, found unexpected end of stream
            retry: %                                | line 1: not YAML: while scanning for the next token, found character '%'
            retry: !!java.net.URL [x]               | line 1: not YAML: Global tag is not allowed
            retry: !mine {lifetime: 1d}             | line 1: retry: !mine ... is not a section of keys and values
            retry: {lifetime: !env LIFETIME}        | line 1: retry.lifetime: !env ... is not a single value
            retry: {tiers: !env TIERS}              | line 1: retry.tiers: !env ... is not a list
            a<NUL>b: 1                              | odd.yaml: not YAML: special characters are not allowed
            retry: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] | not YAML
            retry: ~                                | ok
            retry: 5                                | line 1: retry: 5 is not a section of keys and values
            retry: {lifetime: }                     | line 1: retry.lifetime: empty; leave the key out for its default
            retry: {lifetime: ~}                    | line 1: retry.lifetime: empty; leave the key out for its default
            retry: {tiers: }                        | ok
            retry: {tiers: 1s}                      | ok
            retry: {tiers: {a: 1s}}                 | line 1: retry.tiers: {...} is not a list
            `retry:\\n  lifetime: 1d\\n  lifetime: 2d` | line 3: found duplicate key retry.lifetime
            ingress: &i {listeners: *i}             | ingress.listeners: {...} is not a list
            &a {*a : 1}                             | line 1: {...}: no such key
            kafka: {properties: &p {a: *p}}         | is not a single value
            `ingress: {listeners: [&l {name: a, address: "[::1]:1"}, {<<: *l, name: b}]}` | ok
            `ingress: {listeners: [&l {name: a, address: "[::1]:1"}, {<<: *l}]}` | ingress.listeners[1].name: a is not a name of its own
            `ingress: {listeners: [&l {<<: *l, name: a, address: "[::1]:1"}]}` | ok
            `ingress: {listeners: [{name: a, address: "[::1]:1", hooks: [{name: h, milter: "unix:/run/m"}]}]}` | ok
            `ingress: {listeners: [{name: a, address: "[::1]:1", hooks: [{name: h}]}]}` | h is not a hook: either http or milter
            `ingress: {listeners: [{name: a, address: "[::1]:1", hooks: [{name: h, http: "https://a"}]}]}` | is not a URL such as
            deliverer: {port: "25"}                 | ok
            deliverer: {port: 0x19}                 | deliverer.port: 0x19 is not a whole number
            deliverer: {port: 25.0}                 | deliverer.port: 25.0 is not a whole number
            deliverer: {port: 12345678901234567890} | deliverer.port: 12345678901234567890 is not a port
            retry: {lifetime: 99999999999999999999d} | retry.lifetime: 99999999999999999999d is not a duration
            ingress: {listeners: [~]}               | ingress.listeners[0]: empty
            ingress: {listeners: {a: b}}            | ingress.listeners: {...} is not a list
            retry.lifetime: 1d                      | retry.lifetime: no such key; a key stands under its section, without a dot
            lifetime: 1d                            | lifetime: no such key; did you mean retry.lifetime?
            ingress: {relay-from: []}               | ingress.relay-from: no such key; did you mean ingress.listeners[].relay-from?
            Retry: {}                               | Retry: no such key; did you mean retry?
            ingress: {max_message_size: 1MiB}       | did you mean ingress.max-message-size?
            """)
    void aFaultIsOneLine(String yaml, String said) throws IOException {
        Commands.Answer answer =
                check(yaml.replace("\\n", "\n").replace("\\t", "\t").replace("<NUL>", "\0"));
        if (said.equals("ok")) {
            assertThat(answer).isEqualTo(new Commands.Answer(0, "ok\n", ""));
        } else {
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.out()).isEmpty();
            assertThat(answer.err()).contains(said).hasLineCount(1).startsWith("postroad config check: ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "# nothing\n",
                "---\n",
                "---\n...\n",
                "{}",
                "\ufeff",
                "\ufeffretry: {lifetime: 1d}",
                "node:\r\n"
            })
    void anEmptyFileOrAByteOrderMarkIsNoFault(String text) throws IOException {
        assertThat(check(text)).isEqualTo(new Commands.Answer(0, "ok\n", ""));
    }

    @Test
    void whatIsNotUtf8IsSaid() throws IOException {
        for (var charset : new java.nio.charset.Charset[] {StandardCharsets.UTF_16, StandardCharsets.ISO_8859_1}) {
            Commands.Answer answer = check("node: {hostname: \u00e4.example}".getBytes(charset));
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.err()).endsWith("odd.yaml: not UTF-8\n").hasLineCount(1);
        }
    }

    @Test
    void whatIsNoFileIsSaid() {
        Commands.Answer answer = Commands.run("config", "check", "--config", directory.toString());
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).endsWith(": Is a directory\n").hasLineCount(1);
        assertThat(Commands.run("config", "check", "--config", "/dev/zero").err())
                .isEqualTo("postroad config check: cannot read the configuration /dev/zero: larger than 3 MiB\n");
    }

    @Test
    void aTreeOfAliasesEnds() throws IOException {
        StringBuilder yaml = new StringBuilder("kafka:\n  properties:\n    a0: &a0 {x: 1, y: 2, z: 3}\n");
        for (int i = 1; i <= 12; i++) {
            String before = "*a" + (i - 1);
            yaml.append("    a%d: &a%d {x: %s, y: %s, z: %s}%n".formatted(i, i, before, before, before));
        }
        Commands.Answer answer = check(yaml.toString());
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("1000 properties or more").hasLineCount(1);
    }

    @Test
    void eachFaultIsALineOfItsOwn() throws IOException {
        String yaml = "foo: 1\nretry:\n  tier: [1s]\n  lifetime: soon\ndeliverer: {port: 0}\n";
        Commands.Answer answer = check(yaml);
        assertThat(answer.code()).isEqualTo(2);
        String line = "postroad config check: " + directory.resolve("odd.yaml") + ", line ";
        assertThat(answer.err().lines())
                .containsExactly(
                        line + "1: foo: no such key; 'postroad config show' prints all there are",
                        line + "3: retry.tier: no such key; did you mean retry.tiers?",
                        line + "4: retry.lifetime: soon is not a duration such as 30s, 5m, 4h or 5d",
                        line + "5: deliverer.port: 0 is not a port");
        Commands.Answer show = Commands.run("config", "show", "--config", directory.resolve("odd.yaml") + "");
        assertThat(show.code()).isEqualTo(2);
        assertThat(show.err())
                .contains("foo: no", "retry.tier: no", "soon", "a port")
                .hasLineCount(1);
    }

    @Test
    void oneLineNamesTheFirstOfMany() throws IOException {
        assertThat(check("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: 1\ni: 1\nj: 1\n")
                        .err())
                .hasLineCount(10);
        assertThat(Commands.run("router", "--config", directory.resolve("odd.yaml") + "")
                        .err())
                .contains("line 1: a: no such key", "line 8: h: no such key")
                .endsWith("; and 2 more, which 'postroad config check' lists\n")
                .hasLineCount(1);
    }

    @Test
    void whatIsShownAsJsonHasNoSecrets() throws IOException {
        check("kafka: {properties: {sasl.password: hush}}\ndeliverer: {limits: [{destination: '*', connections: 3}]}");
        assertThat(Commands.run("config", "show", "--json", "--config", directory.resolve("odd.yaml") + "")
                        .out())
                .contains("\"sasl.password\":\"(hidden)\"", "\"destination\":\"*\",\"connections\":3,")
                .doesNotContain("hush")
                .hasLineCount(1);
    }

    /** Octets of a good file changed, left out and doubled: it is taken or told, and nothing else is thrown. */
    @Test
    void whateverIsDamagedIsTakenOrTold() throws IOException {
        int told = 0;
        for (int seed = 0; seed < 2_000; seed++) {
            byte[] damaged = damaged(WHOLE.getBytes(StandardCharsets.UTF_8), new Random(seed));
            Path file = Files.write(directory.resolve("odd.yaml"), damaged);
            try {
                Configuration.load(file, Map.of());
            } catch (ConfigurationException e) {
                told++;
                assertThat(e.faults()).as("seed " + seed).isNotEmpty().allMatch(line -> line.matches("[^\\p{Cntrl}]+"));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(told).isBetween(1_000, 1_999);
    }

    private static byte[] damaged(byte[] good, Random random) {
        byte[] bad = good.clone();
        for (int i = random.nextInt(6); i >= 0; i--) {
            int at = random.nextInt(bad.length);
            int from = random.nextInt(bad.length);
            switch (random.nextInt(3)) {
                case 0 -> bad[at] = (byte) random.nextInt(256);
                case 1 -> bad[at] = bad[from];
                default -> System.arraycopy(bad, from, bad, at, Math.min(30, bad.length - Math.max(at, from)));
            }
        }
        return bad;
    }
}
