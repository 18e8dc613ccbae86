package org.postroad.deploy.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A node's own name, made at its first start and kept with its data: the same after a restart, no other node's. */
final class InstanceName {
    private static final int OCTETS = 6;

    private InstanceName() {}

    static String keptIn(Path data) throws IOException {
        Path file = data.resolve("instance");
        if (Files.exists(file)) {
            String name = Files.readString(file).strip();
            if (name.matches("[0-9a-f]{12}")) {
                return name;
            }
        }
        byte[] octets = new byte[OCTETS];
        new SecureRandom().nextBytes(octets);
        String name = HexFormat.of().formatHex(octets);
        Files.createDirectories(data);
        Files.writeString(file, name + "\n");
        return name;
    }
}
