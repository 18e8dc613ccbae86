package org.postroad.ingress.hook;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;

/** What milters are told beside each command, under the names that Sendmail and Postfix have for it. */
final class MilterMacros {
    /** Of clients that nobody has looked up by their address; as Postfix says it. */
    static final String UNKNOWN_HOST = "unknown";

    private MilterMacros() {}

    /** As with Postfix the daemon's name is the host's: rspamd puts it into Authentication-Results. */
    static MilterPacket ofConnect(AskedMail mail) {
        String address = NetUtil.toAddressString(mail.client().address());
        return of(
                'C',
                "j",
                mail.hostname(),
                "{daemon_name}",
                mail.hostname(),
                "v",
                "Postroad",
                "_",
                UNKNOWN_HOST + " [" + address + "]",
                "{client_name}",
                UNKNOWN_HOST,
                "{client_addr}",
                address);
    }

    static MilterPacket ofHelo(AskedMail mail) {
        String protocol = mail.client().tlsProtocol();
        String cipher = mail.client().tlsCipher();
        return protocol == null || cipher == null ? of('H') : of('H', "{tls_version}", protocol, "{cipher}", cipher);
    }

    /** Those of a user make OpenDKIM and rspamd take the mail for ours. */
    static MilterPacket ofMail(AskedMail mail) {
        List<String> words = new ArrayList<>(List.of("i", mail.queueId(), "{mail_addr}", mail.reversePath()));
        String user = mail.client().user();
        if (user != null) {
            words.addAll(List.of("{auth_type}", "SASL", "{auth_authen}", user));
        }
        return of('M', words.toArray(String[]::new));
    }

    static MilterPacket ofRecipient(String recipient, AskedMail mail) {
        return of('R', "i", mail.queueId(), "{rcpt_addr}", recipient);
    }

    static MilterPacket ofQueueId(char command, AskedMail mail) {
        return of(command, "i", mail.queueId());
    }

    private static MilterPacket of(char command, String... words) {
        byte[] octets = MilterPacket.ofWords('D', words).octets();
        byte[] all = new byte[octets.length + 1];
        all[0] = (byte) command;
        System.arraycopy(octets, 0, all, 1, octets.length);
        return new MilterPacket('D', all);
    }
}
