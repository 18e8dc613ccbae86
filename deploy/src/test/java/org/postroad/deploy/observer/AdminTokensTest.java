package org.postroad.deploy.observer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deploy.settings.ConfigurationException;

class AdminTokensTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void eachLineIsAToken() throws Exception {
        Path file = Files.writeString(directory.resolve("tokens"), "# ours\n\n 0123456789abcdef \nfedcba9876543210\n");
        assertThat(AdminTokens.in(file)).containsExactly("0123456789abcdef", "fedcba9876543210");
        assertThat(AdminTokens.in(null)).isEmpty();
    }

    /** A file that protects nothing is no file of tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"", "# none\n", "short\n", "0123456789abcdef\nshort\n", "0123456789 abcdef\n"})
    void whatGuardsNothingIsRefused(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("tokens"), text);
        assertThatThrownBy(() -> AdminTokens.in(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("node.admin-tokens-file");
    }

    @Test
    void soIsOneThatIsNotThere() {
        assertThatThrownBy(() -> AdminTokens.in(directory.resolve("absent")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("absent");
    }
}
