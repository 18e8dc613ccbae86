package org.postroad.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.SchemaStore;
import org.jspecify.annotations.Nullable;

/**
 * Every schema this node can read: all that were ever released, and those that newer nodes published on the control topic.
 *
 * <p>Safe for all threads: readers look up while {@link ControlTopic} adds.
 */
public final class KnownSchemas implements SchemaStore {
    /** The records that travel on their own; each has a history under {@code /schemas/history}. */
    static final List<Schema> ROOTS = List.of(Envelope.SCHEMA$, Delivery.SCHEMA$, Failure.SCHEMA$, Policy.SCHEMA$);

    private final Map<Long, Schema> byFingerprint = new ConcurrentHashMap<>();

    public KnownSchemas() {
        for (Schema root : ROOTS) {
            add(root);
            history(root.getName()).forEach(this::add);
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

    public void add(Schema schema) {
        byFingerprint.put(fingerprint(schema), schema);
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
