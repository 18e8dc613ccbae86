package org.postroad.deploy.command;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.postroad.deploy.operator.JobAccount;
import org.postroad.schemas.policy.Job;

/** Jobs as they are printed. */
final class JobLines {
    private JobLines() {}

    /** One line: how far it is, what it does, who issued it when and why. */
    static String line(Job job, JobAccount account) {
        String selector = new TreeMap<>(job.selector().words())
                .entrySet().stream()
                        .map(word ->
                                word.getKey().equals("all") ? " --all" : " --" + word.getKey() + " " + word.getValue())
                        .collect(Collectors.joining());
        return PolicyLines.plain(String.format(
                        "%s  %-9s  %d recipients of %d messages, %d records to look at  %s%s  by %s at %s",
                        job.id(),
                        account.state(),
                        account.recipients(),
                        account.messages(),
                        account.toLookAt(),
                        job.action().word(),
                        selector,
                        job.by(),
                        Instant.ofEpochMilli(job.atMillis()))
                + (job.reason().isEmpty() ? "" : ": " + job.reason()));
    }

    /** The same for programs. */
    static Map<String, Object> fields(Job job, JobAccount account) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("job", job.id());
        fields.put("state", account.state());
        fields.put("action", job.action().word());
        fields.put("selector", new TreeMap<>(job.selector().words()));
        fields.put("messages", account.messages());
        fields.put("recipients", account.recipients());
        fields.put("recordsToLookAt", account.toLookAt());
        fields.put("by", job.by());
        fields.put("at", Instant.ofEpochMilli(job.atMillis()).toString());
        fields.put("reason", job.reason());
        return fields;
    }
}
