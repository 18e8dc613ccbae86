package org.postroad.schemas;

import org.jspecify.annotations.Nullable;

/**
 * The address that a sender wrote to, as ORCPT says it (RFC 3461 section 4.2).
 *
 * @param type of address, such as {@code rfc822}
 * @param address decoded
 */
public record OriginalRecipient(String type, String address) {

    /** Reads {@code type;xtext}; null where it is not that, or too long. */
    public static @Nullable OriginalRecipient parse(String parameter) {
        int semicolon = parameter.indexOf(';');
        if (semicolon < 1
                || parameter.length() > Caps.ORIGINAL_RECIPIENT_OCTETS
                || Caps.cut(parameter, Caps.ORIGINAL_RECIPIENT_OCTETS).length() < parameter.length()) {
            return null;
        }
        String type = parameter.substring(0, semicolon);
        String xtext = parameter.substring(semicolon + 1);
        boolean isUtf8 = Ascii.equalsIgnoringCase(type, "utf-8");
        String address = isUtf8 ? Xtext.decodeUtf8(xtext) : Xtext.decode(xtext);
        return address == null || address.isEmpty() || !type.chars().allMatch(OriginalRecipient::isAtomText)
                ? null
                : new OriginalRecipient(type, address);
    }

    /** RFC 5322 section 3.2.3. */
    private static boolean isAtomText(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
    }
}
