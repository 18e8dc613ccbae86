package org.postroad.ingress.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.Ascii;

/**
 * Changes a users file and leaves every other line of it as it is. The new file takes the old one's place at once, so whoever reads it
 * reads the one or the other; only its owner may read it.
 */
public final class UsersEditor {
    /** Some 60 ms a check. */
    private static final int COST = 10;

    private final Path file;

    public UsersEditor(Path file) {
        this.file = file;
    }

    /**
     * Adds a user, or gives one another password.
     *
     * @param name see {@link UsersFile#isName}
     * @return whether the user was there before
     * @throws UnfitFileException if the file cannot be used as it is
     */
    public boolean put(String name, String password) throws IOException {
        String bcrypt = BCrypt.with(
                        BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y))
                .hashToString(COST, password.toCharArray());
        String line = name + ":" + bcrypt + ":" + ScramKeys.of(password);
        List<String> lines = Files.exists(file) ? lines() : new ArrayList<>();
        int known = indexOf(lines, name);
        if (known < 0) {
            lines.add(line);
        } else {
            lines.set(known, line);
        }
        write(lines);
        return known >= 0;
    }

    /**
     * Removes a user.
     *
     * @return whether there was one
     */
    public boolean remove(String name) throws IOException {
        List<String> lines = lines();
        int known = indexOf(lines, name);
        if (known >= 0) {
            lines.remove(known);
            write(lines);
        }
        return known >= 0;
    }

    private List<String> lines() throws IOException {
        new UsersFile(file); // or it would be written anew with its faults
        return new ArrayList<>(Files.readAllLines(file));
    }

    private static int indexOf(List<String> lines, String name) {
        for (int i = 0; i < lines.size(); i++) {
            if (Ascii.strip(lines.get(i)).startsWith(name + ":")) {
                return i;
            }
        }
        return -1;
    }

    private void write(List<String> lines) throws IOException {
        Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), ".users", ".new"); // for its owner alone
        try {
            Files.write(fresh, lines);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
