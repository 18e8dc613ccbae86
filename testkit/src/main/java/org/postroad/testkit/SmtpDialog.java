package org.postroad.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A client's blocking end of an SMTP connection, to play transcripts over. */
public final class SmtpDialog implements Transcript.Exchange, AutoCloseable {
    private Socket socket;
    private final int port;

    /** @param patience how long a read waits before what has come counts as all that comes */
    public SmtpDialog(InetSocketAddress server, Duration patience) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        port = server.getPort();
    }

    @Override
    public List<String> exchange(byte[] flight, int lineCount) throws IOException {
        if (flight.length > 0) {
            socket.getOutputStream().write(flight);
        }
        List<String> lines = new ArrayList<>();
        while (lines.size() < lineCount) {
            String line = readLine();
            if (line.isEmpty()) {
                break;
            }
            lines.add(line);
        }
        return lines;
    }

    /** The next line without its end, or as much of it as came before the end of the connection or of patience. */
    private String readLine() throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                line.write(octet);
            }
        } catch (SocketTimeoutException | SocketException ended) {
            return line.toString(StandardCharsets.UTF_8);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    @Override
    public boolean closed() throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Goes on under TLS, after the server's 220 to STARTTLS; the handshake's failure is the caller's to see. */
    public void startTls(SSLContext context) throws IOException {
        socket = context.getSocketFactory().createSocket(socket, "localhost", port, true);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
