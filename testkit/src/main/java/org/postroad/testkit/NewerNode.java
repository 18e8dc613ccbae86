package org.postroad.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Writes records of one kind as a node of a later version would: every record has one more field and every enum one more symbol than
 * in the schema of today.
 */
public final class NewerNode {
    /** The symbol that every enum has more. */
    public static final String SYMBOL = "OF_A_NEWER_NODE";

    /** The field that every record has more, before all others; text. */
    public static final String FIELD = "ofANewerNode";

    private static final int HEADER_OCTETS = 10;

    private final Schema today;
    private final Schema schema;

    /** @param today the schema that grows */
    public NewerNode(Schema today) {
        this.today = today;
        this.schema = grown(today, new HashMap<>());
    }

    /** What it publishes. */
    public Schema schema() {
        return schema;
    }

    /** Where enums stand, such as "envelope.recipients.notify". */
    public List<String> enumPlaces() {
        TreeSet<String> places = new TreeSet<>();
        collectEnums("", today, places);
        return List.copyOf(places);
    }

    /** A record of today, in single-object encoding, as it would be here, all new fields filled. */
    public GenericRecord raised(byte[] todays) {
        GenericRecord record = decode(todays, today);
        fill(record);
        return record;
    }

    /** A record of this node as it is read by a node of the same version. */
    public GenericRecord read(byte[] octets) {
        return decode(octets, schema);
    }

    /** Single-object encoding. */
    public byte[] write(GenericRecord record) {
        try {
            ByteBuffer octets = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(record);
            byte[] written = new byte[octets.remaining()];
            octets.get(written);
            return written;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same record with the new symbol at a place, in the first element where there are several. */
    public byte[] withSymbol(byte[] todays, String place) {
        GenericRecord record = raised(todays);
        GenericRecord owner = owner(record, place);
        Schema.Field field = owner.getSchema().getField(name(place));
        Schema type = withoutNull(field.schema());
        boolean several = type.getType() == Schema.Type.ARRAY;
        GenericData.EnumSymbol symbol = new GenericData.EnumSymbol(several ? type.getElementType() : type, SYMBOL);
        owner.put(field.pos(), several ? List.of(symbol) : symbol);
        return write(record);
    }

    /** The same record with words that have to be known; "requires" at the end of a place such as "route.requires". */
    public byte[] requiring(byte[] todays, String place, String... words) {
        GenericRecord record = raised(todays);
        owner(record, place).put(name(place), List.of(words));
        return write(record);
    }

    /** The same record with the new fields only. */
    public byte[] withFields(byte[] todays) {
        return write(raised(todays));
    }

    private static GenericRecord owner(GenericRecord record, String place) {
        GenericRecord owner = record;
        String[] names = place.split("\\.");
        for (int i = 0; i < names.length - 1; i++) {
            Object value = owner.get(names[i]);
            owner = (GenericRecord) (value instanceof List<?> several ? several.get(0) : value);
        }
        return owner;
    }

    private static String name(String place) {
        return place.substring(place.lastIndexOf('.') + 1);
    }

    private static Schema withoutNull(Schema schema) {
        return schema.getType() != Schema.Type.UNION
                ? schema
                : schema.getTypes().stream()
                        .filter(type -> type.getType() != Schema.Type.NULL)
                        .findFirst()
                        .orElseThrow();
    }

    private GenericRecord decode(byte[] octets, Schema written) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream(octets.length);
        rest.write(octets, HEADER_OCTETS, octets.length - HEADER_OCTETS);
        try {
            return new GenericDatumReader<GenericRecord>(written, schema)
                    .read(null, DecoderFactory.get().binaryDecoder(rest.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fill(Object value) {
        if (value instanceof List<?> several) {
            several.forEach(NewerNode::fill);
        } else if (value instanceof IndexedRecord record) {
            for (Schema.Field field : record.getSchema().getFields()) {
                if (field.name().equals(FIELD)) {
                    record.put(field.pos(), "later");
                } else {
                    fill(record.get(field.pos()));
                }
            }
        }
    }

    private static void collectEnums(String path, Schema schema, Set<String> places) {
        switch (schema.getType()) {
            case RECORD ->
                schema.getFields()
                        .forEach(field -> collectEnums(
                                path.isEmpty() ? field.name() : path + "." + field.name(), field.schema(), places));
            case ARRAY -> collectEnums(path, schema.getElementType(), places);
            case UNION -> schema.getTypes().forEach(type -> collectEnums(path, type, places));
            case ENUM -> places.add(path);
            default -> {}
        }
    }

    private static Schema grown(Schema schema, Map<String, Schema> named) {
        return switch (schema.getType()) {
            case RECORD -> {
                Schema known = named.get(schema.getFullName());
                yield known == null ? grownRecord(schema, named) : known;
            }
            case ENUM ->
                named.computeIfAbsent(schema.getFullName(), name -> {
                    List<String> symbols = new ArrayList<>(schema.getEnumSymbols());
                    symbols.add(SYMBOL);
                    return Schema.createEnum(
                            schema.getName(), null, schema.getNamespace(), symbols, schema.getEnumDefault());
                });
            case ARRAY -> Schema.createArray(grown(schema.getElementType(), named));
            case MAP -> Schema.createMap(grown(schema.getValueType(), named));
            case UNION ->
                Schema.createUnion(schema.getTypes().stream()
                        .map(type -> grown(type, named))
                        .toList());
            case FIXED ->
                named.computeIfAbsent(
                        schema.getFullName(),
                        name -> Schema.createFixed(
                                schema.getName(), null, schema.getNamespace(), schema.getFixedSize()));
            default -> Schema.create(schema.getType());
        };
    }

    private static Schema grownRecord(Schema schema, Map<String, Schema> named) {
        Schema grown = Schema.createRecord(schema.getName(), null, schema.getNamespace(), false);
        named.put(schema.getFullName(), grown);
        List<Schema.Field> fields = new ArrayList<>();
        fields.add(new Schema.Field(FIELD, Schema.create(Schema.Type.STRING), null, ""));
        for (Schema.Field field : schema.getFields()) {
            Schema type = grown(field.schema(), named);
            fields.add(
                    field.hasDefaultValue()
                            ? new Schema.Field(field.name(), type, null, field.defaultVal())
                            : new Schema.Field(field.name(), type));
        }
        grown.setFields(fields);
        return grown;
    }
}
