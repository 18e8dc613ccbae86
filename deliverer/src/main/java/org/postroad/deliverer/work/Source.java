package org.postroad.deliverer.work;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from.
 *
 * @param ehlo what we call ourselves
 * @param address the local address; null for the system's choice
 */
public record Source(String name, String ehlo, @Nullable InetAddress address) {}
