package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet of the milter protocol: what it is, and its octets. On the wire both stand behind their number, in four octets.
 *
 * @param code a letter
 */
record MilterPacket(char code, byte[] octets) {
    /** What a packet may have at most, either way: a line of a header section, or 65,535 octets of text. */
    static final int MOST_OCTETS = 128 * 1024;

    private static final byte[] NOTHING = new byte[0];

    static MilterPacket of(char code) {
        return new MilterPacket(code, NOTHING);
    }

    /** Of words in UTF-8, each with a NUL behind it. */
    static MilterPacket ofWords(char code, String... words) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (String word : words) {
            octets.writeBytes(word.getBytes(UTF_8));
            octets.write(0);
        }
        return new MilterPacket(code, octets.toByteArray());
    }

    /** Of a field; ISO 8859-1 stands for octets. */
    static MilterPacket ofField(char code, String name, String value) {
        return new MilterPacket(code, (name + '\0' + value + '\0').getBytes(ISO_8859_1));
    }

    /** Of numbers of four octets. */
    static MilterPacket ofNumbers(char code, int... numbers) {
        ByteBuffer octets = ByteBuffer.allocate(numbers.length * Integer.BYTES);
        for (int number : numbers) {
            octets.putInt(number);
        }
        return new MilterPacket(code, octets.array());
    }

    /**
     * The number that begins at an offset.
     *
     * @throws IllegalArgumentException if there is none
     */
    int number(int offset) {
        try {
            return ByteBuffer.wrap(octets)
                    .position(Math.min(offset, octets.length))
                    .getInt();
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a packet " + code + " that is too short", e);
        }
    }

    /**
     * So many words from an offset on; ISO 8859-1 stands for octets.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    List<String> words(int offset, int count) {
        List<String> words = new ArrayList<>();
        int from = offset;
        for (int i = offset; i < octets.length && words.size() < count; i++) {
            if (octets[i] == 0) {
                words.add(new String(octets, from, i - from, ISO_8859_1));
                from = i + 1;
            }
        }
        if (words.size() < count) {
            throw new IllegalArgumentException("a packet " + code + " that is too short");
        }
        return words;
    }
}
