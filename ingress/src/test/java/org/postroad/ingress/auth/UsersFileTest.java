package org.postroad.ingress.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersFileTest {
    /** As {@code htpasswd -nbB -C 4 alice secret} wrote it. */
    static final String HASH = "$2y$04$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.";

    private final Path directory;

    UsersFileTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void readsWhatHtpasswdWrites() throws Exception {
        Path file = file("# ours\n\nalice:" + HASH + "\r\nbob@example.org:" + HASH + ":" + ScramKeys.of("x") + "\n");
        UsersFile users = new UsersFile(file);
        assertThat(users.all()).containsOnlyKeys("alice", "bob@example.org");
        assertThat(users.find("alice")).isEqualTo(new User("alice", HASH, null));
        assertThat(users.hasScram()).isTrue();
        assertThat(users.find("Alice")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice",
                "alice:",
                "alice:secret",
                "alice:$apr1$abc$def",
                "alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
                ":$2y$04$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.",
                "alice:$2y$04$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.:SCRAM-SHA-256$x",
                "alice:$2y$03$abcdefghijklmnopqrstuuYIyHcyzBrMKnk0I3CXqgCq3IJrqlvq.",
            })
    void namesTheLineThatIsWrong(String line) throws Exception {
        Path file = file("ok:" + HASH + "\n" + line + "\n");
        assertThatThrownBy(() -> new UsersFile(file))
                .isInstanceOf(UnfitFileException.class)
                .hasMessage(file + ", line 2: wanted name:bcrypt, as htpasswd -B writes it, and no other hash");
    }

    @Test
    void namesWhatElseIsWrong() throws Exception {
        Path twice = file("a:" + HASH + "\nb:" + HASH + "\na:" + HASH);
        assertThatThrownBy(() -> new UsersFile(twice)).hasMessage(twice + ", line 3: a second \"a\"");
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> new UsersFile(missing))
                .hasMessage(missing + ": there is no such file; make it with: postroad users add NAME");
        Path latin1 = Files.write(directory.resolve("latin1"), "\u00fc:x".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> new UsersFile(latin1)).hasMessage(latin1 + ": is not UTF-8");
    }

    @Test
    void takesWhatHasChangedAndKeepsWhatItHadWhenThatIsWrong() throws Exception {
        Path file = file("alice:" + HASH + "\n");
        UsersFile users = new UsersFile(file);
        Files.writeString(file, "bob:" + HASH + "\n");
        assertThat(users.find("bob")).isNull();
        users.refresh();
        assertThat(users.all()).containsOnlyKeys("bob");
        Files.writeString(file, "carol:secret\n");
        users.refresh();
        assertThat(users.all()).containsOnlyKeys("bob");
        Files.delete(file);
        users.refresh();
        assertThat(users.all()).containsOnlyKeys("bob");
    }

    private Path file(String text) throws Exception {
        return Files.writeString(directory.resolve("users"), text);
    }
}
