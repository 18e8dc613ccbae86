package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.postroad.ingress.auth.Mechanism.Step;

/** What clients say in each mechanism, an answer a line. */
class MechanismFuzzTest {
    private static final String NONCE = "ours";
    private static final ScramKeys KEYS = ScramKeys.of("pencil", new byte[16], ScramKeys.LEAST_ITERATIONS);

    private final Credentials credentials;

    MechanismFuzzTest() throws Exception {
        Path file = Files.createTempFile("users", "");
        Files.writeString(file, "user:$2y$05$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.:" + KEYS + "\n");
        credentials = new Credentials(new UsersFile(file));
        Files.delete(file);
    }

    @FuzzTest(maxDuration = "2m")
    void whoIsCheckedIsWhatWasSaidAndNobodyIsProvenByChance(byte[] octets) {
        List<byte[]> lines = lines(octets);
        plain(lines.get(0));
        login(lines);
        scram(lines);
    }

    private static void plain(byte[] line) {
        PlainMechanism plain = new PlainMechanism();
        if (plain.begin(line) instanceof Step.Check check) {
            isName(check.user());
            byte[] said = said("", check);
            byte[] twice = said(check.user(), check);
            assertThat(line).isIn(said, twice);
        }
    }

    private static byte[] said(String actsAs, Step.Check check) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes((actsAs + "\0" + check.user() + "\0").getBytes(UTF_8));
        said.writeBytes(check.password());
        return said.toByteArray();
    }

    private static void login(List<byte[]> lines) {
        LoginMechanism login = new LoginMechanism();
        Step step = login.begin(lines.get(0));
        if (step instanceof Step.Challenge && lines.size() > 1) {
            assertThat(login.answered(lines.get(1))).isInstanceOfSatisfying(Step.Check.class, check -> {
                assertThat(check.user().getBytes(UTF_8)).isEqualTo(lines.get(0));
                assertThat(check.password()).isEqualTo(lines.get(1));
            });
        }
        isName(login.user());
    }

    private void scram(List<byte[]> lines) {
        ScramMechanism scram = new ScramMechanism(credentials, NONCE);
        Step step = scram.begin(lines.get(0));
        for (int i = 1; i < lines.size() && step instanceof Step.Challenge challenge; i++) {
            assertThat(challenge.octets()).doesNotContain('\r', '\n');
            step = scram.answered(lines.get(i));
            assertThat(step).isNotInstanceOf(Step.Proven.class).isNotInstanceOf(Step.Check.class);
        }
        isName(scram.user());
    }

    private static void isName(String user) {
        assertThat(user.chars()).noneMatch(Character::isISOControl);
    }

    private static List<byte[]> lines(byte[] octets) {
        List<byte[]> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (byte octet : octets) {
            if (octet == '\n') {
                lines.add(line.toByteArray());
                line.reset();
            } else {
                line.write(octet);
            }
        }
        lines.add(line.toByteArray());
        return lines;
    }
}
