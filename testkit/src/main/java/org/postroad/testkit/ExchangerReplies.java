package org.postroad.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a scripted exchanger says where its script says nothing. */
final class ExchangerReplies {
    static final byte[] BANNER = line("220 exchanger.test ESMTP");
    static final byte[] MAIL_OK = line("250 2.1.0 sender ok");
    static final byte[] RCPT_OK = line("250 2.1.5 recipient ok");
    static final byte[] GO_AHEAD = line("354 end with a dot");
    static final byte[] DOT_OK = line("250 2.0.0 taken");
    static final byte[] OK = line("250 2.0.0 ok");

    private ExchangerReplies() {}

    /** The answer to EHLO: STARTTLS is offered in clear only. */
    static byte[] capabilities(Script script, boolean tls) {
        List<String> lines = new ArrayList<>();
        lines.add("exchanger.test");
        for (String capability : script.capabilities()) {
            if (!(tls && capability.equals("STARTTLS"))) {
                lines.add(capability);
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            text.append("250")
                    .append(i == lines.size() - 1 ? ' ' : '-')
                    .append(lines.get(i))
                    .append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The reply's code; 0 when it does not begin with one. */
    static int code(byte[] reply) {
        int code = 0;
        for (int i = 0; i < 3; i++) {
            if (i >= reply.length || reply[i] < '0' || reply[i] > '9') {
                return 0;
            }
            code = code * 10 + (reply[i] - '0');
        }
        return code;
    }

    static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
