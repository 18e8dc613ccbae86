package org.postroad.router;

import org.apache.avro.specific.SpecificRecordBase;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/** Decodes records; one with a schema nobody here knows yet makes it read the control topic first. */
final class RecordReader<T extends SpecificRecordBase> {
    private final Codec<T> codec;
    private final Runnable learn;

    RecordReader(Class<T> type, KnownSchemas schemas, Runnable learn) {
        this.codec = new Codec<>(type, schemas);
        this.learn = learn;
    }

    /**
     * @throws UndecodableException if it never can be read: it belongs in rejects
     * @throws UnlearnedSchemaException if the control topic does not have its schema either: it may come yet
     */
    T read(byte[] octets) throws UndecodableException {
        try {
            return codec.decode(octets);
        } catch (UnknownSchemaException unknown) {
            learn.run();
            return readAgain(octets);
        }
    }

    private T readAgain(byte[] octets) throws UndecodableException {
        try {
            return codec.decode(octets);
        } catch (UnknownSchemaException unlearned) {
            throw new UnlearnedSchemaException(unlearned);
        }
    }
}
