package org.postroad.schemas;

/**
 * The upper bounds that make an oversized record impossible: each writer of a field keeps to its cap, so an
 * encoded {@link Envelope}, {@link Delivery} or {@link Failure} always fits {@link #RECORD_OCTETS}.
 *
 * <p>The sums, at their worst: an accepted envelope is 384 KiB of recipients, 256 KiB of inline content, and 128 KiB
 * of everything else. A delivery is 100 recipients of at most 2.6 KiB each, with the same rest. A failure adds a
 * 16 KiB header block. {@code CapsTest} encodes each at its caps.
 */
public final class Caps {
    /** What a record's value may reach: 1 MiB less room for key, headers and batch overhead. */
    public static final int RECORD_OCTETS = 1024 * 1024 - 16 * 1024;

    /** {@code max.message.bytes} of every topic. */
    public static final int BATCH_OCTETS = 1024 * 1024;

    /** Inline content, whatever {@code inline-content-up-to} says. */
    public static final int INLINE_OCTETS = 256 * 1024;

    /** One chunk of the content topic. */
    public static final int CHUNK_OCTETS = 512 * 1024;

    /** The largest message that can be configured: its chunk offsets must fit an envelope. */
    public static final long MESSAGE_OCTETS = 1024L * 1024 * 1024;

    /** Recipients of one transaction; RFC 5321 section 4.5.3.1.8 asks for at least 100. */
    public static final int RECIPIENTS = 1_000;

    /** Encoded octets of all recipients of one transaction. */
    public static final int RECIPIENTS_OCTETS = 384 * 1024;

    /** Recipients of one delivery, RFC 5321 section 4.5.4.1. */
    public static final int DELIVERY_RECIPIENTS = 100;

    /** A mailbox: local-part, "@" and domain, 255 each. */
    public static final int ADDRESS_OCTETS = Mailbox.LOCAL_PART_OCTETS + 1 + Mailbox.DOMAIN_OCTETS;

    /** ORCPT, RFC 3461 section 4.2. */
    public static final int ORIGINAL_RECIPIENT_OCTETS = 500;

    /** ENVID, RFC 3461 section 4.4. */
    public static final int ENVELOPE_ID_OCTETS = 100;

    /** Text of a kept reply, in UTF-8. */
    public static final int REPLY_TEXT_OCTETS = 512;

    /** "name[address]:port" of an exchanger. */
    public static final int EXCHANGER_OCTETS = 320;

    /** Header lines that nodes add, and a header section that hooks may change: 60 KiB with what they add to it. */
    public static final int PREPEND_OCTETS = 80 * 1024;

    /** All keys and values of meta. */
    public static final int META_OCTETS = 16 * 1024;

    /** User, tenant, class, listener, greeting, node name: each. */
    public static final int NAME_OCTETS = 512;

    /** The header section kept in a failure. */
    public static final int HEADER_BLOCK_OCTETS = 16 * 1024;

    /** Exchangers kept of one answer, by preference. */
    public static final int EXCHANGERS = 32;

    /** Words of one {@code requires}. */
    public static final int REQUIRED_WORDS = 16;

    /** Each of them. */
    public static final int REQUIRED_WORD_OCTETS = 64;

    private Caps() {}

    /** Cuts text to so many UTF-8 octets without splitting a character. */
    public static String cut(String text, int octets) {
        if (text.length() * 3L <= octets) {
            return text;
        }
        int used = 0;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            int width = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            if (used + width > octets) {
                return text.substring(0, i);
            }
            used += width;
            i += Character.charCount(codePoint);
        }
        return text;
    }
}
