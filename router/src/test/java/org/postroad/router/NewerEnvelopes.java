package org.postroad.router;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;

/** What a newer node writes: each record with one field more, of a default value, at its end. */
final class NewerEnvelopes {
    static final Schema ENVELOPE = newer("Envelope", Envelope.SCHEMA$);
    static final Schema FAILURE = newer("Failure", Failure.SCHEMA$);

    private NewerEnvelopes() {}

    static byte[] write(Envelope envelope) {
        return writtenBy(ENVELOPE, new Codec<>(Envelope.class, new KnownSchemas()).encode(envelope));
    }

    static byte[] write(Failure failure) {
        return writtenBy(FAILURE, new Codec<>(Failure.class, new KnownSchemas()).encode(failure));
    }

    private static Schema newer(String name, Schema released) {
        List<Schema.Field> fields = new ArrayList<>();
        released.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(new Schema.Field("later", Schema.create(Schema.Type.LONG), "", 0L));
        return Schema.createRecord(name, "", "org.postroad.schemas", false, fields);
    }

    private static byte[] writtenBy(Schema newer, byte[] value) {
        return ByteBuffer.allocate(value.length + 1)
                .put(value)
                .put((byte) 0)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(2, SchemaNormalization.parsingFingerprint64(newer))
                .array();
    }
}
