package org.postroad.ingress;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Notify;
import org.postroad.schemas.OriginalRecipient;
import org.postroad.schemas.Reply;

/** Reads the parameters of a RCPT command, which are those of RFC 3461. */
final class RcptParameters extends Parameters {
    private List<Notify> notify = List.of();
    private @Nullable String originalRecipient;

    /** What was read. */
    RcptOptions options() {
        return notify.isEmpty() && originalRecipient == null
                ? RcptOptions.NONE
                : new RcptOptions(notify, originalRecipient);
    }

    @Override
    @Nullable
    Reply read(String keyword, @Nullable String value) {
        return switch (keyword) {
            case "NOTIFY" -> value != null && readNotify(value) ? null : Replies.BAD_ARGUMENTS;
            case "ORCPT" -> value != null && readOriginal(value) ? null : Replies.BAD_ARGUMENTS;
            default -> Replies.UNKNOWN_PARAMETER;
        };
    }

    /** NEVER alone, or a list of the others (section 4.1). */
    private boolean readNotify(String value) {
        List<Notify> wanted = new ArrayList<>(3);
        for (String word : value.split(",", -1)) {
            Notify one = notify(word);
            if (one == null) {
                return false;
            }
            if (!wanted.contains(one)) {
                wanted.add(one);
            }
        }
        notify = List.copyOf(wanted);
        return notify.size() == 1 || !notify.contains(Notify.NEVER);
    }

    private static @Nullable Notify notify(String word) {
        return switch (Ascii.upper(word)) {
            case "NEVER" -> Notify.NEVER;
            case "SUCCESS" -> Notify.SUCCESS;
            case "FAILURE" -> Notify.FAILURE;
            case "DELAY" -> Notify.DELAY;
            default -> null;
        };
    }

    private boolean readOriginal(String value) {
        originalRecipient = value;
        return OriginalRecipient.parse(value) != null;
    }
}
