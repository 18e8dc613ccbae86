package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** Requests as text, and what becomes of them. */
final class Posts {
    static final String SEED = "01ID";
    static final long MOST = 1_000_000;

    private Posts() {}

    static Post read(String json) throws UnfitRequestException {
        byte[] octets = json.replace('\'', '"').getBytes(UTF_8);
        return PostReader.read(octets, octets.length);
    }

    static List<MailPlan.Mail> plan(String json) throws UnfitRequestException {
        return MailPlan.of(read(json), MOST);
    }

    /** The mails of a request. */
    static List<String> composed(String json) throws UnfitRequestException {
        Post post = read(json);
        return MailPlan.of(post, MOST).stream()
                .map(mail -> new String(MimeComposer.compose(post, mail, SEED), UTF_8))
                .toList();
    }

    static String onlyMail(String json) throws UnfitRequestException {
        List<String> mails = composed(json);
        if (mails.size() != 1) {
            throw new AssertionError(mails.size() + " mails");
        }
        return mails.get(0);
    }
}
