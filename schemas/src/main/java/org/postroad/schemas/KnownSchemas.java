package org.postroad.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.SchemaStore;
import org.jspecify.annotations.Nullable;

/**
 * What this node can read: every schema that was ever released, those that newer nodes published on the control topic, and the words
 * that a record may require to be known.
 *
 * <p>Safe for all threads: readers look up while {@link ControlTopic} adds.
 */
public final class KnownSchemas implements SchemaStore {
    static {
        AvroLimits.set(); // before the records' classes, which use Avro
    }

    /** The records that travel on their own; each has a history under {@code /schemas/history}. */
    static final List<Schema> ROOTS = List.of(
            Envelope.SCHEMA$,
            Delivery.SCHEMA$,
            Failure.SCHEMA$,
            Policy.SCHEMA$,
            QuotaEntry.SCHEMA$,
            PostedRequest.SCHEMA$);

    private final Map<Long, Schema> byFingerprint = new ConcurrentHashMap<>();
    private final Knowledge knowledge;
    private final IgnoredPolicies ignored;

    /** Of this version, with the words of {@code requires} that it knows. */
    public KnownSchemas() {
        this(Set.of(FutureRelease.WORD, RequireTls.WORD));
    }

    /** @param words of {@code requires} that this node knows, and keeps to wherever they may stand */
    public KnownSchemas(Set<String> words) {
        this(words, new IgnoredPolicies());
    }

    /** Of this version, for one who is told of what is ignored elsewhere than in the log. */
    public KnownSchemas(IgnoredPolicies ignored) {
        this(Set.of(), ignored);
    }

    private KnownSchemas(Set<String> words, IgnoredPolicies ignored) {
        this.ignored = ignored;
        knowledge = new Knowledge(words);
        for (Schema root : ROOTS) {
            byFingerprint.put(fingerprint(root), root);
            history(root.getName()).forEach(released -> byFingerprint.put(fingerprint(released), released));
        }
    }

    /** Every released schema of one record, oldest first. */
    static List<Schema> history(String name) {
        List<Schema> released = new ArrayList<>();
        for (int n = 1; ; n++) {
            Schema schema = load("/schemas/history/" + name + "/" + n + ".avsc");
            if (schema == null) {
                return released;
            }
            released.add(schema);
        }
    }

    /**
     * Adds what a node published.
     *
     * @return false for a schema that cannot be read here, by a mistake or because it is of a kind that only newer nodes know: it stays
     *     unknown, so that its records wait instead of being rejected
     */
    public boolean add(Schema schema) {
        boolean readable = ROOTS.stream()
                .anyMatch(root -> root.getFullName().equals(schema.getFullName())
                        && SchemaCompatibility.checkReaderWriterCompatibility(root, schema)
                                        .getType()
                                == SchemaCompatibilityType.COMPATIBLE);
        if (readable) {
            byFingerprint.put(fingerprint(schema), schema);
        }
        return readable;
    }

    /** Says what this node ignores of the control topic, each once. */
    public IgnoredPolicies ignored() {
        return ignored;
    }

    Knowledge knowledge() {
        return knowledge;
    }

    @Override
    public @Nullable Schema findByFingerprint(long fingerprint) {
        return byFingerprint.get(fingerprint);
    }

    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    private static @Nullable Schema load(String resource) {
        try (InputStream in = KnownSchemas.class.getResourceAsStream(resource)) {
            return in == null ? null : new Schema.Parser().parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
