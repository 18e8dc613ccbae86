package org.postroad.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a scripted exchanger does at a named point of the dialog, in place of the reply it would give. */
@FunctionalInterface
public interface Effect {
    /** Does it; called on the connection's event loop. */
    void play(Wire wire);

    /** What an effect can do to one connection; confined to the connection's event loop. */
    interface Wire {
        /** Writes octets; they answer the command that waits, or are unsolicited when none does. */
        void reply(byte[] octets);

        /** Writes octets that answer nothing. */
        void write(byte[] octets);

        void close();

        void reset();

        void stopReading();

        void after(Duration delay, Runnable next);
    }

    /** A reply of one or more lines (CRLF between and after them is added); a second one in a row is unsolicited. */
    static Effect reply(String... lines) {
        byte[] octets = (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
        return wire -> wire.reply(octets);
    }

    /** Octets as they are, in the place of a reply: line ends, if any, are the caller's. */
    static Effect raw(byte[] octets) {
        byte[] copy = octets.clone();
        return wire -> wire.reply(copy);
    }

    /** Waits, on the event loop's timer, then plays the next; other connections go on. */
    static Effect delay(Duration delay, Effect next) {
        return wire -> wire.after(delay, () -> next.play(wire));
    }

    /** Closes the connection in good order (FIN), after what was written before. */
    static Effect close() {
        return Wire::close;
    }

    /** Tears the connection down (RST). */
    static Effect reset() {
        return Wire::reset;
    }

    /** Never answers; the connection stays open. */
    static Effect silence() {
        return wire -> {};
    }

    /** Takes nothing more off the socket, so that the client's writes back up; answers nothing. */
    static Effect stopReading() {
        return Wire::stopReading;
    }

    /** The first half of a reply line, then the end of the connection. */
    static Effect halfReply(String line) {
        byte[] half = line.substring(0, (line.length() + 1) / 2).getBytes(StandardCharsets.UTF_8);
        return wire -> {
            wire.write(half);
            wire.close();
        };
    }

    /** This, and at once the other: after a reply, the other's reply is one that nobody asked for. */
    default Effect then(Effect other) {
        return wire -> {
            play(wire);
            other.play(wire);
        };
    }
}
