package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A client on a real socket; it fails when it is not answered in half a minute. */
final class SmtpClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration STALLED = Duration.ofMillis(300);
    private static final String ENVELOPE = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n";

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    SmtpClient(InetSocketAddress server) throws IOException {
        socket.connect(server);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        reply();
        say("EHLO client.example\r\n");
        reply();
    }

    /** Sends a message and gives the queue id of its 250. */
    String mail(byte[] content) throws IOException {
        send(content);
        String reply = reply();
        if (!reply.startsWith("250 2.0.0 queued as ")) {
            throw new IOException("refused: " + reply);
        }
        return reply.substring("250 2.0.0 queued as ".length());
    }

    /** Sends a message whenever the server says that it takes some, while it is refused for a time, for half a minute at most. */
    String mailUntilTaken(byte[] content, BooleanSupplier isReady) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            while (!isReady.getAsBoolean() && System.nanoTime() - deadline < 0) {
                Thread.onSpinWait();
            }
            try {
                return mail(content);
            } catch (IOException refused) {
                if (!String.valueOf(refused.getMessage()).startsWith("refused: 451")
                        || System.nanoTime() - deadline > 0) {
                    throw refused;
                }
            }
        }
    }

    /** Sends a command over and over until the server reads no more of it; how many it has been sent in the end. */
    int floodUntilBlocked(String command) throws Exception {
        byte[] flight = command.repeat(1_000).getBytes(ISO_8859_1);
        AtomicInteger flights = new AtomicInteger();
        Thread flood = new Thread(() -> {
            try {
                while (!Thread.interrupted()) {
                    socket.getOutputStream().write(flight);
                    flights.incrementAndGet();
                }
            } catch (IOException ended) {
                flights.set(-1);
            }
        });
        flood.start();
        int seen;
        do {
            seen = flights.get();
            flood.join(STALLED.toMillis());
        } while (flights.get() != seen);
        flood.interrupt(); // its last write ends as soon as we read
        return (seen + 1) * 1_000;
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection as a client does that crashes. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    /** Sends a message and waits for nothing after the dot. */
    void send(byte[] content) throws IOException {
        say(ENVELOPE);
        String mail = reply();
        String rcpt = reply();
        if (!reply().startsWith("354")) {
            throw new IOException("refused: " + (mail.startsWith("250") ? rcpt : mail));
        }
        stuff(content);
        say(".\r\n");
    }

    /** Begins transactions, each in a session of its own, until one is refused at MAIL, for half a minute at most. */
    static String firstRefusal(InetSocketAddress server) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (SmtpClient client = new SmtpClient(server)) {
                client.say("MAIL FROM:<>\r\n");
                String reply = client.reply();
                if (!reply.startsWith("250") || System.nanoTime() - deadline > 0) {
                    return reply;
                }
            }
        }
    }

    void say(String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }

    /** The last line of the next reply. */
    String reply() throws IOException {
        while (true) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the server hung up after: " + line);
                }
                line.append((char) c);
            }
            if (line.charAt(3) == ' ') {
                return line.toString().stripTrailing();
            }
        }
    }

    private void stuff(byte[] content) throws IOException {
        int from = 0;
        for (int i = 0; i < content.length; i++) {
            boolean lineStart = i == 0 || content[i - 1] == '\n';
            if (lineStart && content[i] == '.') {
                out.write(Arrays.copyOfRange(content, from, i));
                out.write('.');
                from = i;
            }
        }
        out.write(content, from, content.length - from);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
