package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection on which a test says whatever octets it likes, and reads answers one by one. */
final class HttpWire implements AutoCloseable {
    private static final int HANG_MILLIS = 90_000;

    private final Socket socket;
    private final InputStream in;

    HttpWire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(HANG_MILLIS);
        in = socket.getInputStream();
    }

    static HttpWire connect(InetSocketAddress address) throws IOException {
        return new HttpWire(new Socket(address.getAddress(), address.getPort()));
    }

    /** Lines are set apart by {@code |}. */
    HttpWire say(String slashed) throws IOException {
        return send(slashed.replace("|", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    HttpWire send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        socket.getOutputStream().flush();
        return this;
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** An answer's head and body; empty at the end of the connection. */
    String answer() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                return head.toString(ISO_8859_1);
            }
            head.write(octet);
        }
        String text = head.toString(ISO_8859_1);
        int length = text.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
        return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Whether nothing more comes. */
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    /** Goes without a word, and without hearing one. */
    void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
