package org.postroad.deploy.observer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;

/** Which events somebody wants to hear of: those that fit every condition, each a word as a selector has it. */
public final class EventFilter {
    private static final Set<String> NAMES =
            Set.of("domain", "destination", "sender", "user", "queue-id", "code", "class", "event", "all");

    private final Map<String, String> words;

    private EventFilter(Map<String, String> words) {
        this.words = words;
    }

    /**
     * A filter of conditions by name; of none, all events.
     *
     * @throws IllegalArgumentException with words for the operator
     */
    public static EventFilter of(Map<String, String> words) {
        for (String name : words.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("--" + name + " says nothing of events");
            }
        }
        return new EventFilter(Map.copyOf(words));
    }

    public boolean fits(StoredEvent event) {
        for (Map.Entry<String, String> word : words.entrySet()) {
            if (!fits(event, word.getKey(), word.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(StoredEvent event, String name, String wanted) {
        return switch (name) {
            case "domain" -> domains(event.recipients()).contains(Domain.canonical(wanted));
            case "destination" -> same(event.text("destination"), wanted);
            case "sender" -> same(event.text("sender"), wanted.equals("<>") ? "" : wanted);
            case "user" -> event.text("user").equals(wanted);
            case "queue-id" -> same(event.queueId(), wanted);
            case "code" ->
                event.text("code").equals(wanted) || event.text("status").equals(wanted);
            case "class" -> event.text("class").equals(wanted);
            case "event" -> event.kind().equals(wanted);
            default -> true;
        };
    }

    private static List<String> domains(List<String> recipients) {
        return recipients.stream()
                .map(recipient -> Domain.canonical(recipient.substring(recipient.lastIndexOf('@') + 1)))
                .toList();
    }

    private static boolean same(String found, String wanted) {
        return Ascii.lower(found).equals(Ascii.lower(wanted));
    }
}
