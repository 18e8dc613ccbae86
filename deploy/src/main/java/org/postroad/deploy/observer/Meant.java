package org.postroad.deploy.observer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Selector;

/** Whether a selector means somebody of the index: it is asked by what it is asked of mail, so that both mean the same. */
final class Meant {
    private static final Reception UNKNOWN = new Reception(0L, "", "", "", "", "");

    private Meant() {}

    static boolean is(Selector selector, Index.Found found) {
        LiveRecipient state = found.state();
        @Nullable
        LastReply reply =
                state.code() == 0 ? null : new LastReply(state.code(), state.status(), state.reply(), null, 0L);
        Recipient recipient = new Recipient(found.recipient(), List.of(), null, state.attempt(), 0, reply);
        String domain = found.recipient().substring(found.recipient().lastIndexOf('@') + 1);
        return !selector.meant(envelope(found, recipient), domain, state.destination(), state.atMillis())
                .isEmpty();
    }

    private static Envelope envelope(Index.Found found, Recipient recipient) {
        String user = found.state().user();
        return new Envelope(
                found.queueId(),
                found.generation(),
                null,
                found.state().sender(),
                List.of(recipient),
                null,
                null,
                Body.SEVEN_BIT,
                false,
                UNKNOWN,
                user.isEmpty() ? null : user,
                null,
                null,
                Map.of(),
                ByteBuffer.allocate(0),
                new InlineContent(ByteBuffer.allocate(0)),
                0L,
                0L,
                null);
    }
}
