package org.postroad.ingress.http;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Mailbox;

/**
 * A mailbox with the name that readers see.
 *
 * @param name null where there is none; holds no control characters
 */
public record NamedAddress(@Nullable String name, Mailbox mailbox) {

    /** Reads {@code a@example.org}, {@code Name <a@example.org>} or {@code "Name" <a@example.org>}; null for anything else. */
    static @Nullable NamedAddress parse(String text) {
        String bare = Ascii.strip(text);
        if (!bare.endsWith(">")) {
            return of(null, bare);
        }
        int bracket = bare.lastIndexOf('<');
        if (bracket < 0) {
            return null;
        }
        String name = Ascii.strip(bare.substring(0, bracket));
        boolean quoted = name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"");
        return of(quoted ? unquoted(name) : name, bare.substring(bracket + 1, bare.length() - 1));
    }

    static @Nullable NamedAddress of(@Nullable String name, String address) {
        Mailbox mailbox = Mailbox.parse(address, true);
        return mailbox == null ? null : new NamedAddress(name == null || name.isEmpty() ? null : name, mailbox);
    }

    private static String unquoted(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 1; i < name.length() - 1; i++) {
            if (name.charAt(i) == '\\' && i + 1 < name.length() - 1) {
                i++;
            }
            text.append(name.charAt(i));
        }
        return text.toString();
    }
}
