package org.postroad.deliverer.fate;

import java.util.List;
import java.util.regex.Pattern;
import org.postroad.schemas.Reply;

/**
 * Whether an exchanger's words are about us, our name, our address or our right to send, whatever their code and status: no other mail
 * would fare better, so mail that hears them is deferred and never bounced before its expiry. Pure.
 *
 * <p>Words about a recipient or about content win where both are said. "Relaying denied" is in neither table: it is as often a domain
 * whose MX host does not know it, and a sender should hear of that at once.
 */
public final class AboutUs {
    private static final List<Pattern> RECIPIENT_OR_CONTENT = patterns(
            "user unknown|unknown (user|recipient|local)|no such (user|recipient|mailbox|person)|(user|recipient|mailbox|account) (is )?"
                    + "(not found|unknown|disabled|unavailable|inactive|full)|does(n't| not) exist|invalid (recipient|mailbox|user)",
            "mailbox|quota|over ?quota|recipient address rejected: (user|undeliverable|unverified|access)",
            "(message|mail|body|header)('s)? (content|body|headers?|attachment)|content (is )?(rejected|restriction|filter|not)",
            "virus|malware|attachment|\\burls?\\b|\\blinks?\\b|phish|looks like spam|(detected|classified|considered|identified|marked)"
                    + " as (spam|unsolicited)|spam (message|content|score)|likely unsolicited");

    private static final List<Pattern> US = patterns(
            // our name in HELO or EHLO
            "\\b(helo|ehlo)\\b.*(reject|invalid|denied|refus|bad|not|must|need|require|fully|unknown|forg|mismatch|resolv|block)",
            "(reject|invalid|bad|need|require|forged|unknown|fake|mismatch).*\\b(helo|ehlo)\\b",
            "(need|require|use|not a|non).{0,12}(fully.qualified|fqdn).{0,12}(host ?name|helo|name)?",
            // reverse DNS
            "reverse.?(dns|host|name|lookup|mapping|pointer|resol)|\\brdns\\b|\\bptr\\b|fcrdns",
            "cannot find your (reverse )?host ?name|host ?name.{0,30}(does not|doesn't|cannot|can't|not).{0,15}resolv",
            // our address
            "(client|sending|sender|your|connecting|remote|source) (host|server|mta|system|network"
                    + "|ip|mail ?server|address space|machine)\\b"
                    + ".{0,80}(reject|block|denied|listed|refus|bad|ban|reputation|not (allow|permit|accept|authori)|polic|prohibit)",
            "\\b(your|sending|client|source|connecting) ip\\b|\\bip (address )?.{0,45}(block|listed|reputation|denied|ban|reject|refus)",
            "(block|black|deny|grey|real.?time.{0,12}block).?list|\\b(dnsbl|rbl|rbls|dbl)\\b"
                    + "|spamhaus|spamcop|barracuda.{0,20}(reputation|block)"
                    + "|sorbs|uceprotect|proofpoint.{0,30}(block|reputation)|senderscore|abuseat",
            "you (are|were|have been) (block|list|ban|black)|(blocked|rejected|refused) (because of|due to|for) (your|poor|bad|low)? ?"
                    + "(ip|reputation|rate|host)|(poor|bad|low|no) (ip |sender |domain |server )?reputation|client blocked|client host",
            "(connection|connections|traffic|mail|messages|access) from.{0,60}(your"
                    + "|\\[?[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+\\]?|this (host|ip|server))"
                    + ".{0,80}(block|reject|denied|refus|not (allow|accept|permit))",
            // rates
            "rate.?limit|too many (messages|mails|emails|connections|sessions|requests)|(sending|message|mail|unusual) rate|throttl",
            // who we may speak for
            "\\b(spf|dkim|dmarc)\\b|sender policy framework|unauthenticated (mail|email|message)|sender authentication",
            "authentication (is )?(required|needed)|auth(enticate)? (first|required)|must (first )?(authenticate|log ?in|issue a starttls)"
                    + "|must issue a starttls|starttls (is )?(required|first)|encryption (is )?required|command pipelining");

    private AboutUs() {}

    private static List<Pattern> patterns(String... texts) {
        return List.of(texts).stream()
                .map(text -> Pattern.compile(text, Pattern.CASE_INSENSITIVE))
                .toList();
    }

    public static boolean isSaidBy(Reply reply) {
        return !reply.isPositive() && (reply.code() == 530 || isSaidIn(reply.text()));
    }

    public static boolean isSaidIn(String text) {
        return US.stream().anyMatch(words -> words.matcher(text).find())
                && RECIPIENT_OR_CONTENT.stream()
                        .noneMatch(words -> words.matcher(text).find());
    }
}
