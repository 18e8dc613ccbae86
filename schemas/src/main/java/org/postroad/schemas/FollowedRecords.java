package org.postroad.schemas;

import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the records of a topic that every node follows, and from which all have to come to the same. */
public final class FollowedRecords<T extends SpecificRecordBase> {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedRecords.class);

    private final Codec<T> codec;
    private final Runnable learn;

    /** @param learn reads from the control topic what schemas there are */
    public FollowedRecords(Codec<T> codec, Runnable learn) {
        this.codec = codec;
        this.learn = learn;
    }

    /** A newer node wrote what this one cannot read. */
    public static final class NewerWriterException extends KafkaException {
        private static final long serialVersionUID = 1;

        NewerWriterException(String topic, Exception why) {
            super("a newer node writes to " + topic + " what this one cannot read", why);
        }
    }

    /** Null for what this node cannot read, whoever else can. */
    public @Nullable T readIfKnown(ConsumerRecord<byte[], byte[]> record) {
        try {
            return codec.decode(record.value());
        } catch (UnknownSchemaException | NewerRecordException | UndecodableException e) {
            return null;
        }
    }

    /**
     * Null for what nobody can read, which every node passes over alike.
     *
     * @throws NewerWriterException if a newer node can: nothing behind it is known until this one can too
     */
    public @Nullable T read(ConsumerRecord<byte[], byte[]> record) {
        try {
            return codec.decode(record.value());
        } catch (UnknownSchemaException e) {
            learn.run();
            return readAsLearned(record);
        } catch (NewerRecordException e) {
            throw newer(record, e);
        } catch (UndecodableException e) {
            return unreadable(record, e);
        }
    }

    private @Nullable T readAsLearned(ConsumerRecord<byte[], byte[]> record) {
        try {
            return codec.decode(record.value());
        } catch (UnknownSchemaException | NewerRecordException e) {
            throw newer(record, e);
        } catch (UndecodableException e) {
            return unreadable(record, e);
        }
    }

    private static NewerWriterException newer(ConsumerRecord<byte[], byte[]> record, Exception why) {
        return new NewerWriterException(record.topic(), why);
    }

    private @Nullable T unreadable(ConsumerRecord<byte[], byte[]> record, UndecodableException why) {
        LOG.atError()
                .addKeyValue("topic", record.topic())
                .addKeyValue("offset", record.offset())
                .setCause(why)
                .log("an unreadable record of a topic that every node follows");
        return null;
    }
}
