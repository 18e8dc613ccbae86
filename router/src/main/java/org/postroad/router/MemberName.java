package org.postroad.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** This node's name in its consumer group, kept beside its state: whoever has the one has the other. */
final class MemberName {
    private static final String FILE = "router-member";

    private MemberName() {}

    static String of(Path stateDirectory) {
        Path file = stateDirectory.resolve(FILE);
        try {
            if (Files.exists(file)) {
                String name = Files.readString(file).strip();
                if (!name.isEmpty()) {
                    return name;
                }
            }
            Files.createDirectories(stateDirectory);
            String name = "router-" + UUID.randomUUID();
            Files.writeString(file, name + "\n");
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the router's state directory " + stateDirectory, e);
        }
    }
}
