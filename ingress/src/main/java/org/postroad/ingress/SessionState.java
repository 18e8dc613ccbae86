package org.postroad.ingress;

/**
 * Where a session stands. {@link Fresh} -EHLO-> {@link Greeted} -MAIL-> {@link Open} -DATA-> {@link Receiving} -the final
 * dot-> {@link Handing} -the answer-> {@link Greeted}, and {@link Greeted} -AUTH-> {@link LoggingIn} -its end-> {@link Greeted}; RSET and EHLO lead back to {@link Greeted}, everything may lead to
 * {@link Over}.
 */
sealed interface SessionState {

    /** No greeting yet. */
    record Fresh() implements SessionState {}

    /** The client has said who it is. */
    record Greeted(Origin origin) implements SessionState {}

    /** The client logs in. */
    record LoggingIn(Origin origin, LoginExchange exchange) implements SessionState {}

    /** A transaction collects its recipients. */
    record Open(Transaction transaction) implements SessionState {}

    /** Content arrives. */
    record Receiving(Transaction transaction, IncomingContent content) implements SessionState {}

    /** The final dot was seen; Kafka's answer decides ours, and nothing else is read. */
    record Handing(Transaction transaction, IncomingContent content) implements SessionState {}

    /** We have said our last word. */
    record Over() implements SessionState {}
}
