package org.postroad.deploy.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Reading;
import org.postroad.deploy.settings.ShownYaml;

class SettingsFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsTakenIsShownAsWhatIsTakenAgainAndTheRestIsRefusedInOneLine(byte[] octets) {
        try {
            String shown = shown(new String(octets, UTF_8));
            assertThat(shown(shown)).isEqualTo(shown);
        } catch (ConfigurationException refused) {
            assertThat(String.valueOf(refused.getMessage()).lines()).hasSize(1);
        }
    }

    private static String shown(String yaml) {
        Configuration configuration = Configuration.of(Reading.ofText(yaml, "postroad.yaml", Map.of()));
        return ShownYaml.of(configuration.shown()).replaceAll(" +# (default|file|environment)\n", "\n");
    }
}
