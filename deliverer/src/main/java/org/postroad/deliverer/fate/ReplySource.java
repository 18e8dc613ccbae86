package org.postroad.deliverer.fate;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.schemas.Caps;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Reply;

/**
 * Makes the replies that outcomes carry: what an exchanger said or, where it said nothing, our own words.
 *
 * @param exchanger who was spoken to; null for nobody
 */
public record ReplySource(@Nullable String exchanger, long nowMillis) {
    /** What an exchanger said; the decoder has made its text harmless. */
    LastReply of(Reply reply) {
        return new LastReply(
                reply.code(),
                reply.statusOrUndefined().toString(),
                Caps.cut(reply.text(), Caps.REPLY_TEXT_OCTETS),
                exchanger,
                nowMillis);
    }

    LastReply of(Breakdown breakdown) {
        Reply reply = breakdown.reply();
        if (reply != null && breakdown.kind() != Breakdown.Kind.NO_TLS) {
            return of(reply);
        }
        String status =
                switch (breakdown.kind()) {
                    case UNREACHABLE -> "4.4.1";
                    case NO_TLS -> reply == null ? "4.7.5" : "4.7.0";
                    case GARBAGE -> "4.5.0";
                    case CONTENT_GONE, CONTENT_UNREADABLE, WITHHELD, FAULT -> "4.3.0";
                    default -> "4.4.2";
                };
        return own(451, status, breakdown.detail());
    }

    public LastReply own(int code, String status, String text) {
        StringBuilder safe = new StringBuilder(Math.min(text.length(), Caps.REPLY_TEXT_OCTETS));
        text.chars().limit(Caps.REPLY_TEXT_OCTETS).forEach(c -> safe.append(c >= ' ' && c < 0x7F ? (char) c : '?'));
        return new LastReply(code, status, safe.toString(), exchanger, nowMillis);
    }
}
