package org.postroad.deliverer.config;

import java.time.Duration;

/**
 * How many connections one destination gets, and how long each is used.
 *
 * @param destination its name, or "*" for every one
 * @param connections at most so many at once
 * @param messagesPerConnection before it is closed with QUIT
 * @param idle how long an unused connection is kept
 */
public record Limit(String destination, int connections, int messagesPerConnection, Duration idle) {
    public static final Limit DEFAULT = new Limit("*", 10, 50, Duration.ofSeconds(5));

    public boolean matches(String name) {
        return destination.equals("*") || destination.equals(name);
    }
}
