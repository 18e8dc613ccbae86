package org.postroad.ingress.hook;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postroad.schemas.Caps;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Reply;

/** The replies by which messages are refused for a hook. */
final class HookReply {
    static final Reply FAILED = Reply.parse("451 4.7.1 Cannot check the message now, try again later");
    static final Reply DEFERRED = Reply.parse("451 4.7.1 Message deferred by policy, try again later");
    static final Reply REFUSED = Reply.parse("550 5.7.1 Message refused by policy");
    static final Reply HEADER_TOO_LONG = Reply.parse("552 5.3.4 Header section too large");

    private static final Pattern LINE = Pattern.compile("([45][0-5][0-9])(?:[- ](.*))?", Pattern.DOTALL);
    private static final Pattern LINE_END = Pattern.compile("\r?\n");
    private static final int MOST_LINES = 20;

    /** Says that the connection ends, which it does not. */
    private static final int CLOSING = 421;

    private static final int TRY_AGAIN = 451;

    private HookReply() {}

    /**
     * Reads a reply as a hook has it: one line or more, each with the code.
     *
     * @throws IllegalArgumentException if it is no 4xx or 5xx
     */
    static Reply parse(String text) {
        List<String> lines = new ArrayList<>();
        int code = 0;
        EnhancedStatus status = null;
        for (String line : LINE_END.split(text)) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches() || lines.size() == MOST_LINES) {
                throw new IllegalArgumentException("no reply of 4xx or 5xx");
            }
            String rest = matcher.group(2) == null ? "" : printable(matcher.group(2));
            EnhancedStatus its = EnhancedStatus.startOf(rest);
            if (lines.isEmpty()) {
                code = Integer.parseInt(matcher.group(1));
                status = its;
            }
            int skipped =
                    its == null ? 0 : Math.min(rest.length(), its.toString().length() + 1);
            lines.add(Caps.cut(rest.substring(skipped), Caps.REPLY_TEXT_OCTETS));
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no reply");
        }
        EnhancedStatus said =
                status == null || status.category() != code / 100 ? EnhancedStatus.of(code / 100, 7, 1) : status;
        return new Reply(code == CLOSING ? TRY_AGAIN : code, said, lines);
    }

    private static String printable(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        text.chars().forEach(c -> kept.append(c >= ' ' && c < 0x7F ? (char) c : '?'));
        return kept.toString();
    }
}
