package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A hook by HTTP that answers what a test says, octet for octet. */
final class FakeHttpHook implements AutoCloseable {
    /** Never answered; the connection stays open until the hook is closed. */
    static final byte[] SILENCE = new byte[0];

    final List<String> heads = new CopyOnWriteArrayList<>();
    final List<String> questions = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    private final ServerSocket server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Function<Integer, byte[]> answers;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** @param answers to the first question, the second ... ; after an empty one the connection ends, after {@link #SILENCE} it does not */
    FakeHttpHook(Function<Integer, byte[]> answers) throws IOException {
        this.answers = answers;
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    static FakeHttpHook answering(String json) throws IOException {
        return new FakeHttpHook(which -> ok(json));
    }

    static byte[] ok(String json) {
        byte[] body = json.getBytes(UTF_8);
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        octets.writeBytes(head.getBytes(ISO_8859_1));
        octets.writeBytes(body);
        return octets.toByteArray();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        } catch (IOException over) {
            // closed
        }
    }

    private void serve(Socket socket) {
        open.incrementAndGet();
        try (socket) {
            InputStream in = socket.getInputStream();
            while (true) {
                String head = head(in);
                int length = Integer.parseInt(head.replaceFirst("(?is).*content-length: (\\d+)\r\n.*", "$1"));
                heads.add(head);
                int which;
                synchronized (questions) {
                    which = questions.size();
                    questions.add(new String(in.readNBytes(length), UTF_8));
                }
                byte[] answer = answers.apply(which);
                if (answer == SILENCE) {
                    closed.await();
                    return;
                }
                socket.getOutputStream().write(answer);
                if (answer.length == 0) {
                    return;
                }
            }
        } catch (IOException | InterruptedException over) {
            // the other side has closed
        } finally {
            open.decrementAndGet();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("over");
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "fake-hook");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the connections that are open, as a program does that restarts. */
    void hangUp() {
        sockets.forEach(socket -> {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        hangUp();
    }
}
