package org.postroad.ingress;

import org.jspecify.annotations.Nullable;

/**
 * Where a session stands.
 *
 * <p>{@link Fresh} -EHLO-> {@link Greeted} -MAIL-> {@link Open} -DATA-> {@link Receiving} -the final dot-> {@link Handing} -the answer->
 * {@link Greeted}. In place of DATA: {@link Open} -BDAT-> {@link Receiving} -the chunk's end-> {@link Chunked} -BDAT-> {@link Receiving}
 * -the last chunk's end-> {@link Handing}. {@link Greeted} -AUTH-> {@link LoggingIn} -its end-> {@link Greeted}. RSET and EHLO lead back to
 * {@link Greeted}, everything may lead to {@link Over}.
 */
sealed interface SessionState {

    /** Gives back what it holds. */
    default void release() {}

    /** A transaction that has begun and can still be given up. */
    sealed interface InTransaction extends SessionState {
        Transaction transaction();

        @Override
        default void release() {
            transaction().release();
        }
    }

    /** One of which content comes. */
    sealed interface WithinContent extends InTransaction {
        IncomingContent content();

        @Override
        default void release() {
            content().release();
            transaction().release();
        }
    }

    /** No greeting yet. */
    record Fresh() implements SessionState {}

    /** The client has said who it is. */
    record Greeted(Origin origin) implements SessionState {}

    /** The client logs in. */
    record LoggingIn(Origin origin, LoginExchange exchange) implements SessionState {}

    /** A transaction collects its recipients. */
    record Open(Transaction transaction) implements InTransaction {}

    /** Content arrives; in chunks, unless that is null. */
    record Receiving(
            Transaction transaction,
            IncomingContent content,
            @Nullable ChunkDecoder chunks) implements WithinContent {}

    /** A chunk of content has come, and another is awaited. */
    record Chunked(Transaction transaction, IncomingContent content, ChunkDecoder chunks) implements WithinContent {}

    /** All content has come; Kafka's answer decides ours, and nothing else is read. */
    record Handing(Transaction transaction, IncomingContent content) implements SessionState {
        @Override
        public void release() {
            content.release();
            transaction.release();
        }
    }

    /** We have said our last word. */
    record Over() implements SessionState {}
}
