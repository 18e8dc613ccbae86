package org.postroad.ingress.hook;

import java.net.URI;

/**
 * Where a hook listens.
 *
 * @param host a name or a numeric address; empty for a socket of the file system
 * @param port 0 for a socket of the file system
 * @param path of the socket, or the target of HTTP requests; empty for a milter by TCP
 */
public record HookAddress(String host, int port, String path) {
    private static final int HTTP_PORT = 80;
    private static final int MOST_PORT = 65_535;
    private static final String UNIX = "unix:";

    /**
     * Reads {@code http://host:port/path}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static HookAddress ofHttp(String text) {
        URI uri = URI.create(text);
        boolean plain = "http".equals(uri.getScheme()) && uri.getUserInfo() == null && uri.getFragment() == null;
        if (!plain || uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > MOST_PORT) {
            throw new IllegalArgumentException(text);
        }
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new HookAddress(unbracketed(uri.getHost()), uri.getPort() < 0 ? HTTP_PORT : uri.getPort(), path + query);
    }

    /**
     * Reads {@code host:port} or {@code unix:/path}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static HookAddress ofMilter(String text) {
        if (text.startsWith(UNIX)) {
            String path = text.substring(UNIX.length());
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException(text);
            }
            return new HookAddress("", 0, path);
        }
        URI uri = URI.create("milter://" + text);
        boolean bare = uri.getUserInfo() == null && uri.getRawPath().isEmpty() && uri.getRawQuery() == null;
        if (!bare || uri.getHost() == null || uri.getPort() < 1 || uri.getPort() > MOST_PORT) {
            throw new IllegalArgumentException(text);
        }
        return new HookAddress(unbracketed(uri.getHost()), uri.getPort(), "");
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    boolean isUnix() {
        return host.isEmpty();
    }

    /** As a URI has it. */
    String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + (isUnix() ? "" : ":" + port);
    }

    /** As {@link #ofHttp} reads it. */
    public String httpText() {
        return "http://" + authority() + path;
    }

    /** As {@link #ofMilter} reads it. */
    public String milterText() {
        return isUnix() ? UNIX + path : authority();
    }
}
