package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.auth.Mechanism.Step;

/** SCRAM-SHA-256 by the example of RFC 7677 section 3, and what may not pass for a proof. */
class ScramTest {
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final String CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL =
            "c=biws,r=rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private final Credentials credentials;

    ScramTest(@TempDir Path directory) throws Exception {
        ScramKeys keys = ScramKeys.of("pencil", SALT, 4_096);
        Path file = Files.writeString(
                directory.resolve("users"),
                "user:$2y$05$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.:" + keys + "\n"
                        + "plain:$2y$05$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.\n");
        credentials = new Credentials(new UsersFile(file));
    }

    @AfterEach
    void close() {
        credentials.close();
    }

    @Test
    void speaksAsTheRfcDoes() {
        ScramMechanism scram = new ScramMechanism(credentials, SERVER_NONCE);
        assertThat(challenge(scram.begin(octets(CLIENT_FIRST)))).isEqualTo(SERVER_FIRST);
        assertThat(challenge(scram.answered(octets(CLIENT_FINAL)))).isEqualTo(SERVER_FINAL);
        assertThat(scram.answered(new byte[0])).isEqualTo(new Step.Proven("user"));
    }

    @Test
    void askedFirstWhenTheClientSaysNothingWithAuth() {
        ScramMechanism scram = new ScramMechanism(credentials, SERVER_NONCE);
        assertThat(challenge(scram.begin(null))).isEmpty();
        assertThat(challenge(scram.answered(octets(CLIENT_FIRST)))).isEqualTo(SERVER_FIRST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c=biws,r=rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE + ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE + ",p=AAAA",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=x" + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            })
    void anotherProofOrNonceOrBindingIsWrong(String last) {
        ScramMechanism scram = new ScramMechanism(credentials, SERVER_NONCE);
        scram.begin(octets(CLIENT_FIRST));
        assertThat(scram.answered(octets(last))).isEqualTo(Step.Refused.WRONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,n=user",
                "n,,r=abc,n=user",
                "p=tls-unique,,n=user,r=abc",
                "x,,n=user,r=abc",
                "n,,n=,r=abc",
                "n,,n=us=er,r=abc",
                "n,,n=us=2cer,r=abc",
                "n,,n=user,r=a\u00e4c",
                "n,,n=user,r=",
                "n,,n=us\u0000er,r=abc",
                "n,,m=ext,n=user,r=abc",
            })
    void whatIsNoFirstMessageIsMalformed(String first) {
        assertThat(new ScramMechanism(credentials, SERVER_NONCE).begin(octets(first)))
                .isEqualTo(Step.Refused.MALFORMED);
    }

    @Test
    void actingForAnotherIsWrongAndForOneselfIsRight() {
        assertThat(new ScramMechanism(credentials, "x").begin(octets("n,a=other,n=user,r=abc")))
                .isEqualTo(Step.Refused.WRONG);
        assertThat(new ScramMechanism(credentials, "x").begin(octets("n,a=user,n=user,r=abc")))
                .isInstanceOf(Step.Challenge.class);
    }

    @Test
    void aUserNobodyKnowsIsAskedLikeAnyOtherAndWithTheSameSaltEachTime() {
        for (String name : new String[] {"nobody", "plain"}) {
            String asked = null;
            for (int i = 0; i < 3; i++) {
                ScramMechanism scram = new ScramMechanism(credentials, SERVER_NONCE);
                String again = challenge(scram.begin(octets("n,,n=" + name + ",r=rOprNGfwEbeRWgbNEkqO")));
                assertThat(again).matches("r=.*,s=[A-Za-z0-9+/]{22}==,i=4096");
                assertThat(asked == null ? again : asked).isEqualTo(again);
                asked = again;
                assertThat(scram.answered(octets(CLIENT_FINAL))).isEqualTo(Step.Refused.WRONG);
            }
        }
    }

    @Test
    void keysComeBackFromTheirText() {
        ScramKeys keys = ScramKeys.of("p\u00e4ss:word");
        assertThat(ScramKeys.parse(keys.toString())).hasToString(keys.toString());
        assertThat(ScramKeys.parse("SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA"))
                .isNull();
        assertThat(ScramKeys.parse("SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA"))
                .isNull();
    }

    private static String challenge(Step step) {
        return new String(((Step.Challenge) step).octets(), UTF_8);
    }

    private static byte[] octets(String text) {
        return text.getBytes(UTF_8);
    }
}
