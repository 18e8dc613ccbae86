package org.postroad.deploy.observer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.ConfigurationException;

/** The file of tokens: one a line; empty lines and those that begin with # say nothing. */
public final class AdminTokens {
    private static final int LEAST_CHARACTERS = 16;

    private AdminTokens() {}

    /**
     * Its tokens; none where there is no file.
     *
     * @throws ConfigurationException when it cannot be read, has no token, or has one that is too short to be kept from others
     */
    public static List<String> in(@Nullable Path file) {
        if (file == null) {
            return List.of();
        }
        List<String> tokens;
        try {
            tokens = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new ConfigurationException("node.admin-tokens-file: cannot read " + file + ": " + e.getMessage());
        }
        boolean fit = tokens.stream()
                .allMatch(token ->
                        token.length() >= LEAST_CHARACTERS && token.chars().allMatch(c -> c > ' ' && c < 0x7F));
        if (tokens.isEmpty() || !fit) {
            throw new ConfigurationException("node.admin-tokens-file: " + file + " has no token, or one that is not "
                    + LEAST_CHARACTERS + " signs of ASCII at least");
        }
        return tokens;
    }
}
