package org.postroad.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a scripted exchanger behaves: a value, of which each method gives a changed copy. Where no rule speaks the exchanger
 * accepts; where several do, the one that was added first.
 */
public final class Script {
    private static final List<String> CAPABILITIES =
            List.of("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES");

    private final List<Rule> rules;
    private final List<String> capabilities;
    private final ExchangerCertificate certificate;
    private final int maxConnections;

    /** One effect, for the subjects that its pattern matches and the first so many times that each of them comes. */
    record Rule(Point point, String pattern, int times, Effect effect) {
        boolean speaksOf(Point at, String subject) {
            return point == at && Glob.matches(pattern, subject);
        }
    }

    private Script(List<Rule> rules, List<String> capabilities, ExchangerCertificate certificate, int maxConnections) {
        this.rules = List.copyOf(rules);
        this.capabilities = List.copyOf(capabilities);
        this.certificate = certificate;
        this.maxConnections = maxConnections;
    }

    /** Accepts everything; offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES; no TLS. */
    public static Script accepting() {
        return new Script(List.of(), CAPABILITIES, ExchangerCertificate.VALID, Integer.MAX_VALUE);
    }

    public Script at(Point point, Effect effect) {
        return with(new Rule(point, "*", Integer.MAX_VALUE, effect));
    }

    /** A reply at a point; several lines make a reply of several lines. */
    public Script at(Point point, String... lines) {
        return at(point, Effect.reply(lines));
    }

    /** An effect at the first so many passages of a point, counted over all connections. */
    public Script first(int times, Point point, Effect effect) {
        return with(new Rule(point, "*", times, effect));
    }

    public Script first(int times, Point point, String... lines) {
        return first(times, point, Effect.reply(lines));
    }

    /** A reply to the recipients that match a pattern, in which {@code *} stands for any characters: {@code deferred@*}. */
    public Script rcpt(String pattern, String... lines) {
        return rcpt(pattern, Effect.reply(lines));
    }

    public Script rcpt(String pattern, Effect effect) {
        return with(new Rule(Point.RCPT, pattern, Integer.MAX_VALUE, effect));
    }

    /** A reply to the first so many tries of each reverse-path and matching recipient: greylisting. */
    public Script rcptFirst(int times, String pattern, String... lines) {
        return with(new Rule(Point.RCPT, pattern, times, Effect.reply(lines)));
    }

    /** What EHLO offers instead of the usual, one keyword with its parameters each. */
    public Script capabilities(String... offered) {
        return new Script(rules, List.of(offered), certificate, maxConnections);
    }

    /** Offers one capability more. */
    public Script offering(String capability) {
        List<String> more = new ArrayList<>(capabilities);
        more.add(capability);
        return new Script(rules, more, certificate, maxConnections);
    }

    /** Offers STARTTLS until the connection is encrypted, with this certificate. */
    public Script startTls(ExchangerCertificate shown) {
        return new Script(rules, capabilities, shown, maxConnections).offering("STARTTLS");
    }

    /** Beyond so many open connections a new one gets 421 and its end. */
    public Script maxConnections(int limit) {
        return new Script(rules, capabilities, certificate, limit);
    }

    private Script with(Rule rule) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(rule);
        return new Script(more, capabilities, certificate, maxConnections);
    }

    /** The first rule that speaks of a subject and whose limit is not used up. */
    @Nullable
    Effect effectAt(Point point, String subject, ExchangerLedger ledger) {
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (rule.speaksOf(point, address(subject)) && ledger.within(rule.times, i + " " + subject)) {
                return rule.effect;
            }
        }
        return null;
    }

    /** A recipient's subject is its reverse-path, a space, and its address. */
    private static String address(String subject) {
        return subject.substring(subject.lastIndexOf(' ') + 1);
    }

    List<String> capabilities() {
        return capabilities;
    }

    ExchangerCertificate certificate() {
        return certificate;
    }

    int maxConnections() {
        return maxConnections;
    }

    boolean offersStartTls() {
        return capabilities.contains("STARTTLS");
    }
}
