package org.postroad.ingress;

import java.time.Duration;
import org.postroad.schemas.Caps;

/**
 * What the clients of one listener may have. Of sessions with this node: those of a network and of a user are counted over all its
 * listeners.
 *
 * @param sessions at once
 * @param sessionsPerNetwork of clients that may not relay, in an IPv4 /24 or an IPv6 /48; 0 for a tenth of all that the node may have
 * @param sessionsPerUser of one that has logged in
 * @param messagesPerSession MAIL commands in one session (RFC 9422: MAILMAX)
 * @param recipients of one message (RFC 9422: RCPTMAX)
 * @param errors since the last accepted message
 * @param commandTime for the next command to come, whole
 * @param dataTime without an octet of content
 * @param leastRate octets of content a second; 0 for no such limit
 * @param messageSize octets of one message's content; 0 for what holds for the node
 * @param commandLine octets, with its CRLF
 */
public record ListenerLimits(
        int sessions,
        int sessionsPerNetwork,
        int sessionsPerUser,
        int messagesPerSession,
        int recipients,
        int errors,
        Duration commandTime,
        Duration dataTime,
        long leastRate,
        long messageSize,
        int commandLine) {
    /** Of counts that have no limit of their own. */
    public static final int NONE = Integer.MAX_VALUE;

    /** What holds where nothing is configured. */
    public static final ListenerLimits USUAL = new ListenerLimits(
            NONE,
            0,
            1_000,
            NONE,
            Caps.RECIPIENTS,
            20, // as Postfix's smtpd_hard_error_limit
            Duration.ofMinutes(5), // RFC 5321 section 4.5.3.2.7
            Duration.ofMinutes(5),
            500, // as Postfix's smtpd_min_data_rate
            0,
            2048); // RFC 5321 section 4.5.3.1.4 has 512, its extensions add as much again, and local-parts may be long
}
