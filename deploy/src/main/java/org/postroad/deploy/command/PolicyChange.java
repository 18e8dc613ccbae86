package org.postroad.deploy.command;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.deploy.operator.PolicyWords;
import org.postroad.schemas.Durations;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.StandingPolicy;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Puts one policy in force or takes it back, and says what stood and what stands.
 *
 * @param line of the command that does it
 */
record PolicyChange(CommandLine line, ConfigOption config, Clock clock) {

    /**
     * Puts it in the place of one that stands under the same key.
     *
     * @param lasts after which it ends by itself; null for one that stays
     * @return the exit code
     */
    int set(String key, List<String> words, PolicyDecision decision, @Nullable String lasts, boolean json) {
        Printer printer = printer();
        StandingPolicy draft = draft(key, words, decision);
        Duration duration = lasts == null ? null : said(() -> duration(lasts));
        return PolicyTopic.on(config, KafkaUser.POLICY_SET, clock, topic -> {
            topic.prepare();
            PolicyBook book = topic.read();
            String subject = PolicyWords.subject(draft.aspect(), key, book.rollUps());
            if (subject == null) {
                refuse(key + ": wanted is *, a domain, or the destination of a roll-up");
            }
            StandingPolicy policy = decided(draft, Objects.requireNonNull(subject), duration);
            refuse(book.faultBesideOthers(policy));
            PolicyBook.Entry before = book.entry(policy.key());
            if (isSame(before, policy)) {
                report(printer, json, "stands already", policy.key(), before, null);
                return ExitCode.DONE;
            }
            PolicyBook.Entry after = topic.change(policy, book).entry(policy.key());
            boolean stands = after != null && after.record().equals(policy.toRecord());
            report(printer, json, stands ? "set" : "replaced meanwhile", policy.key(), after, before);
            return stands ? ExitCode.DONE : ExitCode.FINDING;
        });
    }

    /** Ends it; returns the exit code. */
    int unset(String key, PolicyDecision decision, boolean json) {
        Printer printer = printer();
        Aspect aspect = said(() -> PolicyWords.aspect(key));
        return PolicyTopic.on(config, KafkaUser.POLICY_UNSET, clock, topic -> {
            topic.prepare();
            PolicyBook book = topic.read();
            PolicyBook.Entry before = book.entry(key);
            if (!PolicyLines.stands(before)) { // what another tool wrote may be spelt in any way
                String subject = said(() -> PolicyWords.subject(aspect, key, book.rollUps()));
                before = book.entry(aspect.word() + ":" + subject);
            }
            if (before == null || !PolicyLines.stands(before)) {
                report(printer, json, "does not stand", before == null ? key : before.key(), before, null);
                return ExitCode.FINDING;
            }
            PolicyBook.Entry after =
                    topic.end(before, decision.why(), decision.who(), book).entry(before.key());
            boolean ended = !PolicyLines.stands(after);
            report(printer, json, ended ? "unset" : "replaced meanwhile", before.key(), after, before);
            return ended ? ExitCode.DONE : ExitCode.FINDING;
        });
    }

    /** What is wanted, with a subject that is not sure yet; what cannot be meant is refused before the cluster is asked. */
    private StandingPolicy draft(String key, List<String> words, PolicyDecision decision) {
        Aspect aspect = said(() -> PolicyWords.aspect(key));
        Map<String, String> settings = said(() -> PolicyWords.settings(aspect, words));
        String guess = said(() -> PolicyWords.subject(aspect, key, List.of()));
        StandingPolicy draft = new StandingPolicy(
                aspect, guess == null ? "" : guess, settings, decision.why(), decision.who(), 0, Long.MAX_VALUE);
        refuse(PolicyBook.fault(draft));
        return draft;
    }

    /** The draft, decided now about this subject. */
    private StandingPolicy decided(StandingPolicy draft, String subject, @Nullable Duration lasts) {
        long now = clock.millis();
        long until = lasts == null ? Long.MAX_VALUE : now + lasts.toMillis();
        return new StandingPolicy(draft.aspect(), subject, draft.settings(), draft.reason(), draft.by(), now, until);
    }

    /** Whether saying it again would change nothing but the time at which it was said. */
    private static boolean isSame(PolicyBook.@Nullable Entry before, StandingPolicy policy) {
        StandingPolicy old = before == null || before.state() != PolicyBook.State.IN_FORCE ? null : before.policy();
        return old != null
                && old.settings().equals(policy.settings())
                && old.untilMillis() == policy.untilMillis()
                && (policy.reason().isEmpty() || policy.reason().equals(old.reason()));
    }

    private static void report(
            Printer printer,
            boolean json,
            String did,
            String key,
            PolicyBook.@Nullable Entry now,
            PolicyBook.@Nullable Entry before) {
        if (json) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("did", did);
            fields.put("key", key);
            fields.put("now", now == null ? null : PolicyLines.fields(now));
            fields.put("before", before == null ? null : PolicyLines.fields(before));
            printer.json(fields);
            return;
        }
        printer.line(did + ": " + (now == null ? key : PolicyLines.line(now)));
        if (before != null) {
            printer.line("before: " + PolicyLines.line(before));
        }
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Durations.parse(text);
            if (duration.isZero()) {
                throw new IllegalArgumentException("more than nothing");
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--for " + text + ": wanted is " + e.getMessage(), e);
        }
    }

    private <T> T said(Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, String.valueOf(e.getMessage()), e);
        }
    }

    private void refuse(@Nullable String fault) {
        if (fault != null) {
            throw new ParameterException(line, fault);
        }
    }

    private Printer printer() {
        return Printer.of(line.getCommandSpec());
    }
}
