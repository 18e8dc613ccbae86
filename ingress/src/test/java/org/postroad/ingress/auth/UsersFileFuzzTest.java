package org.postroad.ingress.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

class UsersFileFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whoIsReadIsReadAgain(byte[] octets) throws IOException {
        Path file = Files.createTempFile("users", "");
        try {
            Files.write(file, octets);
            Map<String, User> users = new UsersFile(file).all();
            assertThat(users.keySet()).allMatch(UsersFile::isName);
            Files.writeString(file, text(users));
            assertThat(text(new UsersFile(file).all())).isEqualTo(text(users));
        } catch (UnfitFileException refused) {
            assertThat(refused.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        } finally {
            Files.delete(file);
        }
    }

    private static String text(Map<String, User> users) {
        return users.values().stream().map(UsersFileFuzzTest::line).collect(Collectors.joining());
    }

    private static String line(User user) {
        return user.name() + ":" + user.bcrypt() + (user.scram() == null ? "" : ":" + user.scram()) + "\n";
    }
}
