package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users who may log in, as their file holds them: {@code name:bcrypt} a line, as {@code htpasswd -B} writes it, and behind it
 * {@code :} with {@link ScramKeys} where there are any. Empty lines and those that begin with {@code #} are skipped.
 *
 * <p>Safe for all threads: what is read anew replaces all of it; a file that cannot be used is told once and not taken.
 */
public final class UsersFile {
    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);
    private static final Pattern BCRYPT =
            Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-9]|2[0-9]|3[01])\\$[./A-Za-z0-9]{53}");

    private final Path file;
    private volatile Content current;
    private String toldFault = "";

    /** @param highestCost of their hashes, 0 where there are none */
    private record Content(byte[] octets, Map<String, User> users, boolean anyScram, int highestCost) {}

    /** @throws UnfitFileException in one line, with the number of the line that is wrong */
    public UsersFile(Path file) throws UnfitFileException {
        this.file = file;
        this.current = read(file);
    }

    public @Nullable User find(String name) {
        return current.users.get(name);
    }

    /** In the order of the file. */
    public Map<String, User> all() {
        return current.users;
    }

    /** The cost of the hash that takes longest to check, 0 where there is none. */
    int highestCost() {
        return current.highestCost;
    }

    boolean hasScram() {
        return current.anyScram;
    }

    /** Takes what has changed in the file; reads it, so it is not for an event loop. */
    public synchronized void refresh() {
        try {
            if (!Arrays.equals(octets(file), current.octets)) {
                current = read(file);
                toldFault = "";
                LOG.atInfo()
                        .addKeyValue("file", file)
                        .addKeyValue("users", current.users.size())
                        .log("the users have changed");
            }
        } catch (UnfitFileException e) {
            if (!toldFault.equals(e.getMessage())) {
                toldFault = String.valueOf(e.getMessage());
                LOG.atWarn()
                        .addKeyValue("why", toldFault)
                        .log("the users file cannot be used: those from before may log in on");
            }
        }
    }

    /** A name that fits a line and SASL. */
    public static boolean isName(String name) {
        return !name.isEmpty()
                && name.equals(Ascii.strip(name))
                && name.length() <= 255
                && !name.startsWith("#")
                && name.chars().noneMatch(c -> c == ':' || Character.isISOControl(c));
    }

    private static Content read(Path file) throws UnfitFileException {
        byte[] octets = octets(file);
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
        } catch (CharacterCodingException e) {
            throw new UnfitFileException(file + ": is not UTF-8");
        }
        Map<String, User> users = new LinkedHashMap<>();
        boolean anyScram = false;
        int highestCost = 0;
        String[] lines = text.split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = Ascii.strip(lines[i]);
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            User user = user(line);
            if (user == null || users.putIfAbsent(user.name(), user) != null) {
                throw new UnfitFileException(file + ", line " + (i + 1) + ": "
                        + (user == null
                                ? "wanted name:bcrypt, as htpasswd -B writes it, and no other hash"
                                : "a second \"" + user.name() + "\""));
            }
            anyScram |= user.scram() != null;
            highestCost = Math.max(highestCost, PasswordChecks.cost(user.bcrypt()));
        }
        return new Content(octets, Collections.unmodifiableMap(users), anyScram, highestCost);
    }

    private static @Nullable User user(String line) {
        String[] fields = line.split(":", 3);
        if (fields.length < 2
                || !isName(fields[0])
                || !BCRYPT.matcher(fields[1]).matches()) {
            return null;
        }
        if (fields.length == 2) {
            return new User(fields[0], fields[1], null);
        }
        ScramKeys keys = ScramKeys.parse(fields[2]);
        return keys == null ? null : new User(fields[0], fields[1], keys);
    }

    private static byte[] octets(Path file) throws UnfitFileException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnfitFileException(file + ": there is no such file; make it with: postroad users add NAME");
        } catch (IOException e) {
            throw new UnfitFileException(file + ": cannot be read: " + e.getMessage());
        }
    }
}
