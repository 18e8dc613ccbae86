package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A milter that says to each command what a test wants, else "continue". What it heard is written as a letter and its octets, with
 * {@code |} for NUL.
 */
final class FakeMilter implements AutoCloseable {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final AtomicLong textOctets = new AtomicLong();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final Map<Character, List<String>> answers = new ConcurrentHashMap<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ServerSocket server;
    private volatile char stops;
    private volatile char hangsUp;
    private int protocol;

    FakeMilter() throws IOException {
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What it wants not to hear of, or not to answer: the bits of the protocol. */
    FakeMilter wants(int bits) {
        protocol = bits;
        return this;
    }

    /** Answers a command with these packets, each a letter and its octets, with {@code |} for NUL. */
    FakeMilter answer(char command, String... packets) {
        answers.put(command, List.of(packets));
        return this;
    }

    /** Says nothing more when this command comes, until {@link #release}. */
    FakeMilter stopAt(char command) {
        stops = command;
        return this;
    }

    FakeMilter hangUpAt(char command) {
        hangsUp = command;
        return this;
    }

    void release() {
        stops = 0;
        released.countDown();
    }

    static String number(int number) {
        return new String(ByteBuffer.allocate(4).putInt(number).array(), ISO_8859_1);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                start(() -> serve(socket));
            }
        } catch (IOException over) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            while (true) {
                byte[] octets = new byte[in.readInt()];
                in.readFully(octets);
                char command = (char) octets[0];
                hear(command, octets);
                if (command == stops) {
                    released.await();
                }
                if (command == hangsUp) {
                    return;
                }
                for (String packet : answers(command)) {
                    byte[] answer = packet.replace('|', '\0').getBytes(ISO_8859_1);
                    out.writeInt(answer.length);
                    out.write(answer);
                }
                out.flush();
            }
        } catch (IOException | InterruptedException over) {
            // the other side has closed
        } finally {
            ended.incrementAndGet();
        }
    }

    private void hear(char command, byte[] octets) {
        if (command == 'B') {
            synchronized (text) {
                text.write(octets, 1, octets.length - 1);
            }
            textOctets.addAndGet(octets.length - 1);
        } else if (command != 'O') {
            heard.add(new String(octets, ISO_8859_1).replace('\0', '|'));
        }
    }

    private List<String> answers(char command) {
        List<String> wanted = answers.get(command);
        if (wanted != null) {
            return wanted;
        }
        return switch (command) {
            case 'O' -> List.of("O" + number(6) + number(0x1F) + number(protocol));
            case 'D', 'A', 'Q' -> List.of();
            case 'C' -> unlessSilent(0x1000);
            case 'H' -> unlessSilent(0x2000);
            case 'M' -> unlessSilent(0x4000);
            case 'R' -> unlessSilent(0x8000);
            case 'T' -> unlessSilent(0x10000);
            case 'L' -> unlessSilent(0x80);
            case 'N' -> unlessSilent(0x40000);
            case 'B' -> unlessSilent(0x80000);
            default -> List.of("c");
        };
    }

    private List<String> unlessSilent(int bit) {
        return (protocol & bit) == 0 ? List.of("c") : List.of();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "fake-milter");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        released.countDown();
        server.close();
    }
}
