package org.postroad.router;

import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/** Decodes records; one with a schema nobody here knows yet has the control topic read, and waits. */
final class RecordReader<T> {
    private final Decoder<T> decoder;
    private final SchemaLessons lessons;

    /** Reads a record's octets. */
    interface Decoder<T> {
        T decode(byte[] octets) throws UnknownSchemaException, NewerRecordException, UndecodableException;
    }

    RecordReader(Decoder<T> decoder, SchemaLessons lessons) {
        this.decoder = decoder;
        this.lessons = lessons;
    }

    /**
     * @throws UndecodableException if it never can be read: it belongs in rejects
     * @throws NewerRecordException if a newer router has to read it
     * @throws UnlearnedSchemaException if its schema is not known yet: it may come, and has been asked for
     */
    T read(byte[] octets) throws NewerRecordException, UndecodableException {
        try {
            return decoder.decode(octets);
        } catch (UnknownSchemaException unknown) {
            lessons.ask(System.nanoTime());
            throw new UnlearnedSchemaException(unknown);
        }
    }
}
