package org.postroad.schemas;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node knows all that a record says: the rules at the head of {@code postroad.avdl}. Pure.
 *
 * <p>Asked of every record, so each place is named here instead of looked for; a test finds a place that is missing.
 */
final class Knowledge {
    private static final String REQUIRES = "requires";

    private final Set<String> words;

    /** @param words of {@code requires} that this node knows, and keeps to wherever they may stand */
    Knowledge(Set<String> words) {
        this.words = Set.copyOf(words);
    }

    boolean isComplete(SpecificRecordBase record) {
        if (record instanceof Envelope envelope) {
            return isComplete(envelope);
        }
        if (record instanceof Delivery delivery) {
            return isComplete(delivery.getEnvelope()) && isComplete(delivery.getRoute());
        }
        if (record instanceof Failure failure) {
            return isComplete(failure.getEnvelope())
                    && failure.getReason() != FailureReason.UNKNOWN
                    && isKnown(failure.getRequires());
        }
        if (record instanceof QuotaEntry entry) {
            return isKnown(entry.getRequires());
        }
        if (record instanceof PostedRequest request) {
            return isKnown(request.getRequires());
        }
        return true; // a policy: what is not known of it is ignored
    }

    private boolean isComplete(Envelope envelope) {
        Parent parent = envelope.getParent();
        if (envelope.getBody() == Body.UNKNOWN
                || envelope.getRet() == Ret.UNKNOWN
                || parent != null && parent.getCause() == Cause.UNKNOWN
                || !isKnown(envelope.getRequires())) {
            return false;
        }
        List<Recipient> recipients = envelope.getRecipients();
        for (int i = 0; i < recipients.size(); i++) {
            List<Notify> notify = recipients.get(i).getNotify();
            if (!notify.isEmpty() && notify.contains(Notify.UNKNOWN)) {
                return false;
            }
        }
        return true;
    }

    private boolean isComplete(Route route) {
        if (route.getKind() == RouteKind.UNKNOWN || !isKnown(route.getRequires())) {
            return false;
        }
        List<Exchanger> exchangers = route.getExchangers();
        for (int i = 0; i < exchangers.size(); i++) {
            if (exchangers.get(i).getTls() == TlsPolicy.UNKNOWN) {
                return false;
            }
        }
        return true;
    }

    private boolean isKnown(@Nullable List<String> required) {
        return required == null || words.containsAll(required);
    }

    /**
     * What is not known of a record, in words for an operator.
     *
     * @param written the record as its writer's schema reads it
     * @param schema of the same record in this version
     */
    String missing(IndexedRecord written, Schema schema) {
        Set<String> missing = new TreeSet<>();
        collect("", written, schema, missing);
        return Caps.cut(String.join(", ", missing), Caps.REPLY_TEXT_OCTETS);
    }

    private void collect(String path, @Nullable Object value, Schema known, Set<String> missing) {
        switch (known.getType()) {
            case RECORD -> {
                if (value instanceof IndexedRecord record) {
                    collectFields(path, record, known, missing);
                }
            }
            case ARRAY -> {
                if (value instanceof Iterable<?> elements) {
                    elements.forEach(element -> collect(path, element, known.getElementType(), missing));
                }
            }
            case ENUM -> {
                String symbol = String.valueOf(value);
                if (!known.hasEnumSymbol(symbol) || symbol.equals(known.getEnumDefault())) {
                    missing.add(path + " " + symbol);
                }
            }
            default -> {}
        }
    }

    private void collectFields(String path, IndexedRecord record, Schema known, Set<String> missing) {
        for (Schema.Field theirs : record.getSchema().getFields()) {
            Schema.Field ours = known.getField(theirs.name());
            Object value = record.get(theirs.pos());
            if (ours == null || value == null) {
                continue; // what has no word in requires may be ignored
            }
            String at = path.isEmpty() ? theirs.name() : path + "." + theirs.name();
            if (theirs.name().equals(REQUIRES) && value instanceof Iterable<?> required) {
                required.forEach(word -> {
                    if (!words.contains(String.valueOf(word))) {
                        missing.add(at + " " + word);
                    }
                });
            } else {
                collect(at, value, branch(ours.schema(), value), missing);
            }
        }
    }

    /** Of a union the branch that is there; a value of its own type says which. */
    private static Schema branch(Schema schema, Object value) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        String name = value instanceof org.apache.avro.generic.GenericContainer typed
                ? typed.getSchema().getFullName()
                : "";
        return schema.getTypes().stream()
                .filter(type -> type.getFullName().equals(name))
                .findFirst()
                .orElse(Schema.create(Schema.Type.NULL));
    }
}
