package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Caps;
import org.postroad.schemas.QueueIds;

/**
 * The keys of the index, each kind of row under a first octet of its own; queue ids sort by time, and so do the rows.
 *
 * <table>
 * <caption>Rows</caption>
 * <tr><td>b parent child</td><td>that a message bounces or replays another; no value</td></tr>
 * <tr><td>d destination 0 id generation recipient</td><td>who is under way to a destination; no value</td></tr>
 * <tr><td>e id partition offset</td><td>an event as it was written</td></tr>
 * <tr><td>i Message-ID 0 id</td><td>no value</td></tr>
 * <tr><td>l id generation recipient</td><td>a {@link LiveRecipient}</td></tr>
 * <tr><td>n</td><td>kinds of events that only newer nodes know, with a blank between</td></tr>
 * <tr><td>p partition</td><td>what its events add up to and how far they were read: an EventSum as text</td></tr>
 * <tr><td>r recipient in small letters 0 id</td><td>no value</td></tr>
 * <tr><td>t</td><td>the id of the topic</td></tr>
 * <tr><td>v</td><td>the version of this table</td></tr>
 * </table>
 */
final class Rows {
    static final byte CHILD = 'b';
    static final byte DESTINATION = 'd';
    static final byte EVENT = 'e';
    static final byte MESSAGE_ID = 'i';
    static final byte LIVE = 'l';
    static final byte POSITION = 'p';
    static final byte RECIPIENT = 'r';

    /** One that was written by another version is made anew. */
    static final byte[] VERSION_KEY = {'v'};

    static final byte[] VERSION = {2};

    static final byte[] TOPIC_KEY = {'t'};
    static final byte[] NEWER_KEY = {'n'};

    /** A NUL cannot be in a domain, an address or a Message-ID that we took; where others wrote one, a search finds too much. */
    private static final byte END = 0;

    private static final int ID = QueueIds.CHARACTERS;
    private static final int GENERATION = Integer.BYTES;

    private Rows() {}

    static byte[] event(String queueId, int partition, long offset) {
        return ByteBuffer.allocate(1 + ID + Integer.BYTES + Long.BYTES)
                .put(EVENT)
                .put(queueId.getBytes(UTF_8))
                .putInt(partition)
                .putLong(offset)
                .array();
    }

    static byte[] position(int partition) {
        return ByteBuffer.allocate(1 + Integer.BYTES)
                .put(POSITION)
                .putInt(partition)
                .array();
    }

    static int partitionOf(byte[] positionKey) {
        return ByteBuffer.wrap(positionKey, 1, Integer.BYTES).getInt();
    }

    static byte[] live(String queueId, int generation, String recipient) {
        byte[] name = recipient.getBytes(UTF_8);
        return ByteBuffer.allocate(1 + ID + GENERATION + name.length)
                .put(LIVE)
                .put(queueId.getBytes(UTF_8))
                .putInt(generation)
                .put(name)
                .array();
    }

    /** The same recipient by its destination. */
    static byte[] byDestination(byte[] liveKey, String destination) {
        byte[] name = destination.getBytes(UTF_8);
        return ByteBuffer.allocate(1 + name.length + liveKey.length)
                .put(DESTINATION)
                .put(name)
                .put(END)
                .put(liveKey, 1, liveKey.length - 1)
                .array();
    }

    /** Back from there. */
    static byte[] liveOf(byte[] destinationKey, int prefixLength) {
        return ByteBuffer.allocate(1 + destinationKey.length - prefixLength)
                .put(LIVE)
                .put(destinationKey, prefixLength, destinationKey.length - prefixLength)
                .array();
    }

    /** Where the NUL is behind the name that a row begins with. */
    static int endOfName(byte[] key) {
        int end = 1;
        while (key[end] != END) {
            end++;
        }
        return end;
    }

    static String nameOf(byte[] key, int end) {
        return new String(key, 1, end - 1, UTF_8);
    }

    static String idOf(byte[] key) {
        return new String(key, 1, ID, UTF_8);
    }

    /** The id at the end of a row that has no value. */
    static String lastIdOf(byte[] key) {
        return new String(key, key.length - ID, ID, UTF_8);
    }

    static int generationOf(byte[] liveKey) {
        return ByteBuffer.wrap(liveKey, 1 + ID, GENERATION).getInt();
    }

    static String recipientOf(byte[] liveKey) {
        int from = 1 + ID + GENERATION;
        return new String(liveKey, from, liveKey.length - from, UTF_8);
    }

    /** Rows of one kind about one message. */
    static byte[] about(byte kind, String queueId) {
        return ByteBuffer.allocate(1 + ID)
                .put(kind)
                .put(queueId.getBytes(UTF_8))
                .array();
    }

    /** Where rows begin that name this; of one recipient in any case of its letters. */
    static byte[] naming(byte kind, String name) {
        byte[] octets = (kind == RECIPIENT ? Ascii.lower(name) : name).getBytes(UTF_8);
        return ByteBuffer.allocate(octets.length + 2)
                .put(kind)
                .put(octets)
                .put(END)
                .array();
    }

    static byte[] naming(byte kind, String name, String queueId) {
        byte[] prefix = naming(kind, Caps.cut(name, 2 * Caps.ADDRESS_OCTETS));
        return ByteBuffer.allocate(prefix.length + ID)
                .put(prefix)
                .put(queueId.getBytes(UTF_8))
                .array();
    }

    static byte[] child(String parent, String child) {
        return ByteBuffer.allocate(1 + 2 * ID)
                .put(CHILD)
                .put(parent.getBytes(UTF_8))
                .put(child.getBytes(UTF_8))
                .array();
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && java.util.Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
