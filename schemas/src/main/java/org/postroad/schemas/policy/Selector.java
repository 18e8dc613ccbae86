package org.postroad.schemas.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.ReplyClass;

/**
 * Which mail an operator means: what fits every condition given. It is said in words by name, the same on a command line, where each has
 * {@code --} before it, and in the settings of a policy. Immutable.
 *
 * <table>
 * <caption>Conditions</caption>
 * <tr><td>{@code domain}</td><td>of the recipients</td></tr>
 * <tr><td>{@code destination}</td><td>what mail is queued by: a domain or a roll-up's name</td></tr>
 * <tr><td>{@code sender}</td><td>reverse-path; {@code <>} for the null one</td></tr>
 * <tr><td>{@code user}</td><td>who submitted it</td></tr>
 * <tr><td>{@code queue-id}</td><td>one message</td></tr>
 * <tr><td>{@code code}</td><td>of the last reply: its code or status, {@code *} for any number: 550, 4.7.*</td></tr>
 * <tr><td>{@code class}</td><td>what the last reply means, one of {@link ReplyClass}</td></tr>
 * <tr><td>{@code reply}</td><td>a regular expression ({@link TextPatternParser}), found anywhere in the last reply's text</td></tr>
 * <tr><td>{@code since}, {@code until}</td><td>an instant such as 2026-01-31T12:00:00Z; the second is not included</td></tr>
 * <tr><td>{@code all}</td><td>{@code true} alone, so that a forgotten condition never means everything</td></tr>
 * </table>
 */
public final class Selector {
    private static final String ALL = "all";

    private static final Set<String> NAMES = Set.of(
            "domain", "destination", "sender", "user", "queue-id", "code", "class", "reply", "since", "until", "all");

    private final Map<String, String> words;
    private final @Nullable String domain;
    private final @Nullable String destination;
    private final @Nullable String sender;
    private final @Nullable String user;
    private final @Nullable String queueId;
    private final @Nullable Pattern code;
    private final @Nullable String replyClass;
    private final @Nullable TextPattern reply;
    private final long sinceMillis;
    private final long untilMillis;

    private Selector(Map<String, String> words) {
        this.words = words;
        String named = words.get("domain");
        this.domain = named == null ? null : Domain.canonical(named);
        this.destination = words.get("destination");
        this.sender = "<>".equals(words.get("sender")) ? "" : words.get("sender");
        this.user = words.get("user");
        this.queueId = words.get("queue-id");
        this.code = code(words.get("code"));
        this.replyClass = replyClass(words.get("class"));
        this.reply = regex(words.get("reply"));
        this.sinceMillis = instant("since", words.get("since"), Long.MIN_VALUE);
        this.untilMillis = instant("until", words.get("until"), Long.MAX_VALUE);
    }

    /**
     * The selector that these words describe.
     *
     * @throws IllegalArgumentException with words for the operator
     */
    public static Selector of(Map<String, String> words) {
        Map<String, String> sorted = new TreeMap<>(words);
        sorted.keySet().stream()
                .filter(name -> !NAMES.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("--" + name + " says nothing of mail");
                });
        boolean all = sorted.containsKey("all");
        if (all && !"true".equals(sorted.get("all"))) {
            throw new IllegalArgumentException("--all is true or is not there");
        }
        if (sorted.isEmpty()) {
            throw new IllegalArgumentException("say which mail, or --all");
        }
        if (all && sorted.size() > 1) {
            throw new IllegalArgumentException("--all and a condition exclude each other");
        }
        return new Selector(sorted);
    }

    /** As it was said: {@link #of} makes the same of it. */
    public Map<String, String> words() {
        return Map.copyOf(words);
    }

    /**
     * As one text, such as {@code domain=example.org&user=alice}: the same for the same words. {@code all} is that word.
     *
     * @see #parse
     */
    public String text() {
        return words.containsKey(ALL)
                ? ALL
                : words.entrySet().stream()
                        .map(word -> word.getKey() + "=" + escaped(word.getValue()))
                        .collect(Collectors.joining("&"));
    }

    private static String escaped(String word) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '%' || c == '&' || c == '+' || c <= ' ' || c == 0x7f) {
                escaped.append(String.format("%%%02X", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /**
     * The selector of a {@link #text}.
     *
     * @throws IllegalArgumentException with words for the operator
     */
    public static Selector parse(String text) {
        if (text.equals(ALL)) {
            return of(Map.of(ALL, "true"));
        }
        Map<String, String> words = new TreeMap<>();
        for (String word : text.split("&", -1)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(text + " is not like domain=example.org&user=alice, or all");
            }
            if (words.put(word.substring(0, equals), URLDecoder.decode(word.substring(equals + 1), UTF_8)) != null) {
                throw new IllegalArgumentException(word.substring(0, equals) + " is said twice");
            }
        }
        return of(words);
    }

    private static @Nullable Pattern code(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9*]{1,3}(\\.[0-9*]{1,3}){0,2}")) {
            throw new IllegalArgumentException("--code " + text + " is not like 550, 5.1.1 or 4.7.*");
        }
        return Pattern.compile(text.replace(".", "\\.").replace("*", "[0-9]+"));
    }

    private static @Nullable String replyClass(@Nullable String text) {
        if (text != null && !ReplyClass.all().contains(text)) {
            throw new IllegalArgumentException(
                    "--class " + text + " is none of " + String.join(", ", ReplyClass.all()));
        }
        return text;
    }

    private static @Nullable TextPattern regex(@Nullable String text) {
        try {
            return text == null ? null : TextPattern.of(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--reply " + text + " is not a regular expression that is known here: " + e.getMessage(), e);
        }
    }

    private static long instant(String name, @Nullable String text, long otherwise) {
        try {
            return text == null ? otherwise : Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "--" + name + " " + text + " is not an instant such as 2026-01-31T12:00:00Z", e);
        }
    }

    /**
     * Whether mail is meant, if its recipients are.
     *
     * @param mailDomain whose recipients these are, in any case
     * @param atMillis when it came to where it is, in milliseconds since 1970
     */
    public boolean fits(Envelope envelope, String mailDomain, String mailDestination, long atMillis) {
        return fits(domain, Domain.canonical(mailDomain))
                && fits(destination, mailDestination)
                && fits(sender, envelope.getReversePath())
                && (user == null || user.equals(envelope.getUser()))
                && fits(queueId, envelope.getQueueId())
                && atMillis >= sinceMillis
                && atMillis < untilMillis;
    }

    /** Whether a recipient of such mail is meant: a reply is each recipient's own. */
    public boolean fits(Recipient recipient) {
        LastReply last = recipient.getLastReply();
        if (last == null) {
            return code == null && replyClass == null && reply == null;
        }
        return (code == null || hasCode(last, code))
                && (replyClass == null || replyClass.equals(ReplyClass.of(last)))
                && (reply == null || reply.isFoundIn(last.getText()));
    }

    /** Whom of mail is meant; none where the mail is not. */
    public List<Recipient> meant(Envelope envelope, String mailDomain, String mailDestination, long atMillis) {
        return fits(envelope, mailDomain, mailDestination, atMillis)
                ? envelope.getRecipients().stream().filter(this::fits).toList()
                : List.of();
    }

    /** Whom of a dead letter's. */
    public List<Recipient> meant(Failure failure) {
        return meant(failure.getEnvelope(), failure.getDomain(), failure.getDestination(), failure.getAt());
    }

    private static boolean hasCode(LastReply reply, Pattern code) {
        return code.matcher(reply.getStatus()).matches()
                || code.matcher(Integer.toString(reply.getCode())).matches();
    }

    private static boolean fits(@Nullable String wanted, String found) {
        return wanted == null || Ascii.lower(wanted).equals(Ascii.lower(found));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Selector selector && words.equals(selector.words);
    }

    @Override
    public int hashCode() {
        return words.hashCode();
    }

    @Override
    public String toString() {
        return words.toString();
    }
}
