package org.postroad.deploy.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A plain client for load: pipelines the envelope, sends the content, wants 250. Confined to one thread. */
public final class SmtpClient implements AutoCloseable {
    private static final int TIME_LIMIT_MILLIS = 60_000;
    private static final Pattern QUEUE_ID = Pattern.compile("\\b([0-9A-HJKMNP-TV-Z]{26})\\b");

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private SmtpClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
    }

    public static SmtpClient connect(InetSocketAddress server) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIME_LIMIT_MILLIS);
        socket.connect(server, TIME_LIMIT_MILLIS);
        SmtpClient client = new SmtpClient(socket);
        client.expect("220");
        client.command("EHLO client.demo.test");
        client.out.flush();
        client.expect("250");
        return client;
    }

    /**
     * Sends one message.
     *
     * @return its queue id; empty when the reply named none
     */
    public String send(String from, List<String> recipients, String content) throws IOException {
        return send(from, recipients, content.getBytes(US_ASCII));
    }

    /** The same with any octets, whose lines end with CRLF, the last one too. */
    public String send(String from, List<String> recipients, byte[] content) throws IOException {
        command("MAIL FROM:<" + from + ">");
        for (String recipient : recipients) {
            command("RCPT TO:<" + recipient + ">");
        }
        command("DATA");
        out.flush();
        for (int i = 0; i <= recipients.size(); i++) {
            expect("250");
        }
        expect("354");
        writeStuffed(content);
        command(".");
        out.flush();
        Matcher matcher = QUEUE_ID.matcher(expect("250"));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** A dot more before each that begins a line (RFC 5321 section 4.5.2). */
    private void writeStuffed(byte[] content) throws IOException {
        int written = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '.' && (i == 0 || content[i - 1] == '\n')) {
                out.write(content, written, i - written);
                out.write('.');
                written = i;
            }
        }
        out.write(content, written, content.length - written);
    }

    private void command(String line) throws IOException {
        out.write((line + "\r\n").getBytes(US_ASCII));
    }

    private String expect(String code) throws IOException {
        String line = line();
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = line();
        }
        if (!line.startsWith(code)) {
            throw new IOException("wanted " + code + ", heard: " + line);
        }
        return line;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (octet != '\r') {
                line.write(octet);
            }
        }
        return line.toString(US_ASCII);
    }

    @Override
    public void close() throws IOException {
        try (socket) {
            command("QUIT");
            out.flush();
        }
    }
}
