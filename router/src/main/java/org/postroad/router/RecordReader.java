package org.postroad.router;

import org.apache.avro.specific.SpecificRecordBase;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/** Decodes records; one with a schema nobody here knows yet has the control topic read, and waits. */
final class RecordReader<T extends SpecificRecordBase> {
    private final Codec<T> codec;
    private final SchemaLessons lessons;

    RecordReader(Class<T> type, KnownSchemas schemas, SchemaLessons lessons) {
        this.codec = new Codec<>(type, schemas);
        this.lessons = lessons;
    }

    /**
     * @throws UndecodableException if it never can be read: it belongs in rejects
     * @throws UnlearnedSchemaException if its schema is not known yet: it may come, and has been asked for
     */
    T read(byte[] octets) throws UndecodableException {
        try {
            return codec.decode(octets);
        } catch (UnknownSchemaException unknown) {
            lessons.ask(System.nanoTime());
            throw new UnlearnedSchemaException(unknown);
        }
    }
}
