package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much work a wrong password is. */
class PasswordChecksTest {
    /** Each step of the cost doubles the rounds. */
    @ParameterizedTest
    @CsvSource({"4, 4", "4, 10", "10, 10", "10, 12", "12, 12", "5, 14", "14, 14"})
    void aWrongPasswordIsAsManyRoundsWhosesoeverItIs(int cost, int highest) {
        long ofUser = (1L << cost)
                + PasswordChecks.filling(cost, highest)
                        .mapToLong(each -> 1L << each)
                        .sum();
        long ofNobody =
                PasswordChecks.filling(0, highest).mapToLong(each -> 1L << each).sum();
        assertThat(ofUser).isEqualTo(1L << highest).isEqualTo(ofNobody);
    }

    @Test
    void aHashThatTakesSecondsIsNotWaitedForByOthers() {
        assertThat(PasswordChecks.filling(10, 20).max()).hasValue(13);
        assertThat(PasswordChecks.filling(0, 20).boxed()).containsExactly(14);
        assertThat(PasswordChecks.filling(20, 20).boxed()).isEmpty();
        assertThat(PasswordChecks.filling(0, 0).boxed()).as("no users").containsExactly(4);
    }

    @Test
    void onlyTheRightPasswordIsRight() throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "right".toCharArray());
        EventExecutor loop = new DefaultEventExecutor();
        try (PasswordChecks checks = new PasswordChecks()) {
            assertThat(verdict(checks, hash, "right", loop)).isTrue();
            assertThat(verdict(checks, hash, "wrong", loop)).isFalse();
            assertThat(verdict(checks, null, "right", loop)).isFalse();
        } finally {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static Boolean verdict(PasswordChecks checks, @Nullable String hash, String password, EventExecutor loop)
            throws Exception {
        CompletableFuture<Boolean> verdict = new CompletableFuture<>();
        checks.check(hash, password.getBytes(UTF_8), 6, loop, verdict::complete);
        return verdict.get(90, TimeUnit.SECONDS);
    }
}
