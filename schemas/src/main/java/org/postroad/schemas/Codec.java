package org.postroad.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Avro single-object encoding of one type: {@code C3 01}, the writer schema's CRC-64-AVRO fingerprint, the record.
 *
 * <p>Safe for all threads. Octets come from a topic that others can write to, so whatever is wrong with them is an
 * {@link UndecodableException}, and no length in them is believed beyond what a record can hold.
 */
public final class Codec<T extends SpecificRecordBase> {
    static {
        AvroLimits.set();
    }

    private static final int HEADER_OCTETS = 10;

    private final KnownSchemas schemas;
    private final SpecificData model;
    private final Schema schema;
    private final long fingerprint;
    private final BinaryMessageEncoder<T> encoder;
    private final ThreadLocal<SpecificDatumReader<T>> reader;

    public Codec(Class<T> type, KnownSchemas schemas) {
        this.schemas = schemas;
        this.model = SpecificData.getForClass(type);
        this.schema = model.getSchema(type);
        this.fingerprint = KnownSchemas.fingerprint(schema);
        this.encoder = new BinaryMessageEncoder<>(model, schema);
        this.reader = ThreadLocal.withInitial(() -> new SpecificDatumReader<>(schema, schema, model));
    }

    public Schema schema() {
        return schema;
    }

    @SuppressWarnings("ByteBufferBackingArray") // Avro wraps a whole array of its own, which is not copied again
    public byte[] encode(T value) {
        try {
            ByteBuffer octets = encoder.encode(value);
            return octets.remaining() == octets.array().length
                    ? octets.array()
                    : java.util.Arrays.copyOfRange(octets.array(), octets.position(), octets.limit());
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /**
     * Reads one record's value.
     *
     * @throws UnknownSchemaException if its writer's schema has to be learned first
     * @throws NewerRecordException if it says what this node does not know
     * @throws UndecodableException if it never can be read
     */
    public T decode(byte[] octets) throws UnknownSchemaException, NewerRecordException, UndecodableException {
        T value = decodeWhatIsKnown(octets);
        if (!isWhollyKnown(value)) {
            throw new NewerRecordException(missing(octets));
        }
        return value;
    }

    /**
     * Reads what this node knows of a record's value: enough to say whose mail it is and where it waits, and never to act on it. Symbols
     * that are not known read as UNKNOWN.
     *
     * @throws UnknownSchemaException if its writer's schema has to be learned first
     * @throws UndecodableException if it never can be read
     */
    public T decodeWhatIsKnown(byte[] octets) throws UnknownSchemaException, UndecodableException {
        if (!isEncoded(octets)) {
            throw new UndecodableException("not Avro single-object encoding");
        }
        long writer = writerOf(octets);
        try {
            BinaryDecoder decoder = decoderOf(octets);
            T value = readerOf(writer).read(null, decoder);
            if (!decoder.isEnd()) {
                throw new UndecodableException("octets after the record");
            }
            return value;
        } catch (IOException | RuntimeException e) {
            throw new UndecodableException("malformed " + schema.getName() + ": " + e.getMessage(), e);
        }
    }

    /** Whether this node knows all that a record says which {@link #decodeWhatIsKnown} has read. */
    public boolean isWhollyKnown(T value) {
        return schemas.knowledge().isComplete(value);
    }

    private static BinaryDecoder decoderOf(byte[] octets) {
        return DecoderFactory.get().binaryDecoder(octets, HEADER_OCTETS, octets.length - HEADER_OCTETS, null);
    }

    /** What is not known of it, as its writer's schema tells; rare, so it may cost a second reading. */
    private String missing(byte[] octets) {
        Schema written = schemas.findByFingerprint(writerOf(octets));
        try {
            return written == null
                    ? ""
                    : schemas.knowledge()
                            .missing(
                                    new GenericDatumReader<IndexedRecord>(written).read(null, decoderOf(octets)),
                                    schema);
        } catch (IOException | RuntimeException e) {
            return e.toString();
        }
    }

    /** Whether its writer's schema has to be learned before anybody here can read it; what is no encoding at all never will be. */
    public static boolean isUnlearned(byte @Nullable [] octets, KnownSchemas schemas) {
        return octets != null && isEncoded(octets) && schemas.findByFingerprint(writerOf(octets)) == null;
    }

    /** Whether it was written with some version of this type's schema, as far as that is known here. */
    boolean isOne(byte @Nullable [] octets) {
        if (octets == null || !isEncoded(octets)) {
            return false;
        }
        long writer = writerOf(octets);
        Schema written = writer == fingerprint ? schema : schemas.findByFingerprint(writer);
        return written != null && written.getFullName().equals(schema.getFullName());
    }

    private static boolean isEncoded(byte @Nullable [] octets) {
        return octets != null && octets.length >= HEADER_OCTETS && octets[0] == (byte) 0xC3 && octets[1] == 1;
    }

    /** The fingerprint of the schema that it was written with; only of what is encoded. */
    private static long writerOf(byte[] octets) {
        return ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    }

    private SpecificDatumReader<T> readerOf(long writer) throws UnknownSchemaException, UndecodableException {
        if (writer == fingerprint) {
            return reader.get();
        }
        Schema written = schemas.findByFingerprint(writer);
        if (written == null) {
            throw new UnknownSchemaException(writer);
        }
        if (!written.getFullName().equals(schema.getFullName())) {
            throw new UndecodableException("a " + written.getName() + " where no such record belongs");
        }
        return new SpecificDatumReader<>(written, schema, model);
    }
}
