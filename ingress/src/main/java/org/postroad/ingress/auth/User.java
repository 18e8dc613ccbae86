package org.postroad.ingress.auth;

import org.jspecify.annotations.Nullable;

/**
 * One line of the users file.
 *
 * @param bcrypt the hash of the password, as {@code htpasswd -B} writes it
 * @param scram null where the file has none: then the user can log in by PLAIN and LOGIN only
 */
public record User(String name, String bcrypt, @Nullable ScramKeys scram) {}
