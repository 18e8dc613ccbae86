package org.postroad.ingress;

/** What the octets that come are for. */
enum Taking {
    COMMANDS,
    AUTH_LINE,
    CONTENT,
    /** Nothing: they are dropped. */
    SKIPPED,
    /** They wait for Kafka's answer. */
    NOTHING,
    /** Nobody looks at them any more. */
    OVER
}
