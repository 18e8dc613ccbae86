package org.postroad.schemas.policy;

import org.jspecify.annotations.Nullable;

/**
 * What a policy can be about. Its key on the control topic is {@code <aspect>:<subject>}, and its settings are texts, of which these are
 * read:
 *
 * <table>
 * <caption>Settings, each as the configuration file has it</caption>
 * <tr><th>key</th><th>settings</th></tr>
 * <tr><td>{@code limit:<destination>}, {@code limit:*}</td><td>{@code connections}, {@code messages-per-connection}, {@code idle}</td></tr>
 * <tr><td>{@code suspend:<destination>}, {@code suspend:*}</td><td>none</td></tr>
 * <tr><td>{@code hold:<selector>}, the selector as {@link Selector#text()}</td><td>none</td></tr>
 * <tr><td>{@code route:<domain>}, {@code route:*}</td><td>{@code to}: exchangers with commas between them; {@code tls}</td></tr>
 * <tr><td>{@code roll-up:<exchanger-suffix>}</td><td>{@code destination}</td></tr>
 * <tr><td>{@code protocol-log:*}, {@code protocol-log:listener=NAME}, {@code :client=NETWORK}, {@code :user=NAME}</td><td>none</td></tr>
 * <tr><td>each</td><td>{@code until}: when it ends by itself, an instant such as {@code 2026-01-31T12:00:00Z}</td></tr>
 * </table>
 *
 * <p>What a policy does not set stays as it is without it. Its subject means what the same words mean in the file: a policy about {@code
 * *} changes what the file says of {@code *}, and not what it says of one destination or domain.
 */
public enum Aspect {
    LIMIT("limit"),
    SUSPEND("suspend"),
    HOLD("hold"),
    ROUTE("route"),
    ROLL_UP("roll-up"),
    PROTOCOL_LOG("protocol-log");

    private final String word;

    Aspect(String word) {
        this.word = word;
    }

    /** As it stands in records. */
    public String word() {
        return word;
    }

    /** Whether its subject is what mail is queued by: a domain, the destination of a roll-up, or {@code *}. */
    public boolean isOfDestination() {
        return this == LIMIT || this == SUSPEND;
    }

    /** Null for what is no policy of this version. */
    public static @Nullable Aspect of(String word) {
        for (Aspect aspect : values()) {
            if (aspect.word.equals(word)) {
                return aspect;
            }
        }
        return null;
    }
}
