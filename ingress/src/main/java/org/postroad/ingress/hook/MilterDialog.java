package org.postroad.ingress.hook;

import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The milter protocol, version 6, as a mail server speaks it of one message: whoever holds the connection sends what {@link #next} gives,
 * and tells what comes. It waits for an answer to each packet, unless the milter has said that it gives none.
 *
 * <p>Of what a milter may do to a message it offers changes of the header section and quarantine, which is a refusal here; not other
 * recipients, another sender or another text. A milter that does such a thing all the same has failed.
 */
final class MilterDialog {
    /** Of text in one packet, at most and, before its end, at least. */
    private static final int CHUNK_OCTETS = 65_535;

    private static final int LEAST_CHUNK_OCTETS = 16 * 1024;

    /** Of text that waits for the milter. */
    static final int MOST_WAITING_OCTETS = 64 * 1024;

    /** One of each field that a message may have, and as many more. */
    private static final int MOST_CHANGES = 2 * HeldHeader.MOST_FIELDS;

    private enum Step {
        NEGOTIATE,
        CONNECT,
        HELO,
        MAIL,
        RCPT,
        DATA,
        HEADER,
        EOH,
        BODY,
        EOM,
        OVER
    }

    private final AskedMail mail;
    private final Queue<MilterPacket> out = new ArrayDeque<>();
    private ByteArrayOutputStream text = noText();
    private final List<Consumer<HeaderFields>> changes = new ArrayList<>();
    private Step step = Step.NEGOTIATE;
    private int index;
    private MilterOptions options = MilterOptions.NONE;

    /** What the milter has been asked and not answered yet, 0 for nothing. */
    private char asked;

    private @Nullable List<HeaderFields.Field> header;
    private boolean ended;
    private boolean wantsNoText;
    private Inquiry.@Nullable Outcome outcome;

    MilterDialog(AskedMail mail) {
        this.mail = mail;
    }

    void onHeader(HeaderFields complete) {
        header = complete.fields().stream()
                .filter(field -> !field.name().isEmpty())
                .toList();
    }

    void onText(byte[] octets, int from, int to) {
        if (outcome == null && !wantsNoText) {
            text.write(octets, from, to - from);
        }
    }

    /** All text has come. */
    void onEnd() {
        ended = true;
    }

    /** Octets of text that wait. */
    int waitingOctets() {
        return text.size();
    }

    /** Whether there is as much text as is sent before its end. */
    boolean hasChunk() {
        return text.size() >= LEAST_CHUNK_OCTETS;
    }

    boolean awaitsAnswer() {
        return asked != 0 && outcome == null;
    }

    /** What the milter has come to, null while it has not. */
    Inquiry.@Nullable Outcome outcome() {
        return outcome;
    }

    void fail(String why) {
        end(Inquiry.Outcome.failed(why));
    }

    /** The milter is not heard out, for which the client is to come again. */
    void defer() {
        end(Inquiry.Outcome.of(HookAnswer.refused(HookReply.FAILED)));
    }

    /** What is to be sent next, null for nothing now. */
    @Nullable
    MilterPacket next() {
        while (out.isEmpty() && asked == 0 && outcome == null && prepare()) {
            // until there is something
        }
        return out.poll();
    }

    /** Goes one step on; false where it has to wait for the message. */
    private boolean prepare() {
        return step.compareTo(Step.HEADER) < 0 ? beforeContent() : content();
    }

    private boolean beforeContent() {
        switch (step) {
            case NEGOTIATE -> {
                out.add(MilterPacket.ofNumbers(
                        'O', MilterOptions.VERSION, MilterOptions.ACTIONS, MilterOptions.OFFERED));
                asked = 'O';
                step = Step.CONNECT;
            }
            case CONNECT -> {
                ask(MilterOptions.NO_CONNECT, MilterOptions.SILENT_CONNECT, connect(), MilterMacros.ofConnect(mail));
                step = Step.HELO;
            }
            case HELO -> {
                MilterPacket helo = MilterPacket.ofWords('H', mail.client().greeting());
                ask(MilterOptions.NO_HELO, MilterOptions.SILENT_HELO, helo, MilterMacros.ofHelo(mail));
                step = Step.MAIL;
            }
            case MAIL -> {
                MilterPacket from = MilterPacket.ofWords('M', "<" + mail.reversePath() + ">");
                ask(MilterOptions.NO_MAIL, MilterOptions.SILENT_MAIL, from, MilterMacros.ofMail(mail));
                step = Step.RCPT;
            }
            case RCPT -> each(mail.recipients().size(), Step.DATA, this::recipient);
            default -> {
                ask(
                        MilterOptions.NO_DATA,
                        MilterOptions.SILENT_DATA,
                        MilterPacket.of('T'),
                        MilterMacros.ofQueueId('T', mail));
                step = Step.HEADER;
            }
        }
        return true;
    }

    private boolean content() {
        switch (step) {
            case HEADER -> {
                List<HeaderFields.Field> fields = header;
                if (fields == null) {
                    return false;
                }
                each(fields.size(), Step.EOH, i -> field(fields.get(i)));
            }
            case EOH -> {
                ask(
                        MilterOptions.NO_EOH,
                        MilterOptions.SILENT_EOH,
                        MilterPacket.of('N'),
                        MilterMacros.ofQueueId('N', mail));
                wantsNoText |= options.has(MilterOptions.NO_BODY);
                step = Step.BODY;
            }
            case BODY -> {
                return body();
            }
            case EOM -> {
                out.add(MilterMacros.ofQueueId('E', mail));
                out.add(MilterPacket.of('E'));
                asked = 'E';
                step = Step.OVER;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Does one of several, and goes on after the last. */
    private void each(int count, Step then, Consumer<Integer> action) {
        if (index < count) {
            action.accept(index++);
        } else {
            index = 0;
            step = then;
        }
    }

    private void recipient(int which) {
        String recipient = mail.recipients().get(which);
        MilterPacket to = MilterPacket.ofWords('R', "<" + recipient + ">");
        ask(MilterOptions.NO_RCPT, MilterOptions.SILENT_RCPT, to, MilterMacros.ofRecipient(recipient, mail));
    }

    private void field(HeaderFields.Field field) {
        String value = field.value(options.keepsLeadingSpaces());
        ask(
                MilterOptions.NO_HEADERS,
                MilterOptions.SILENT_HEADERS,
                MilterPacket.ofField('L', field.name(), value),
                null);
    }

    private boolean body() {
        if (wantsNoText) {
            text = noText();
        }
        if (hasChunk() || ended && text.size() > 0) {
            byte[] waiting = text.toByteArray();
            int length = Math.min(waiting.length, CHUNK_OCTETS);
            text = noText();
            text.write(waiting, length, waiting.length - length);
            ask(0, MilterOptions.SILENT_BODY, new MilterPacket('B', Arrays.copyOf(waiting, length)), null);
            return true;
        }
        if (ended) {
            step = Step.EOM;
        }
        return ended;
    }

    private void ask(int unwanted, int silent, MilterPacket packet, @Nullable MilterPacket macros) {
        if (macros != null) {
            out.add(macros); // also of what it does not want to hear, as Postfix does: at the end it looks at all of
            // them
        }
        if (options.has(unwanted)) {
            return;
        }
        out.add(packet);
        asked = options.has(silent) ? 0 : packet.code();
    }

    private MilterPacket connect() {
        String address = NetUtil.toAddressString(mail.client().address());
        char family = mail.client().address() instanceof Inet6Address ? '6' : '4';
        MilterPacket words = MilterPacket.ofWords('C', MilterMacros.UNKNOWN_HOST, address);
        int name = MilterMacros.UNKNOWN_HOST.length() + 1;
        ByteBuffer octets = ByteBuffer.allocate(words.octets().length + 1 + Short.BYTES);
        octets.put(words.octets(), 0, name).put((byte) family).putShort((short) 0); // of its port nothing is known here
        octets.put(words.octets(), name, words.octets().length - name);
        return new MilterPacket('C', octets.array());
    }

    /** The milter says something. */
    void hear(MilterPacket packet) {
        try {
            judge(packet);
        } catch (IllegalArgumentException unfit) {
            fail("it says what cannot be used: " + unfit.getMessage());
        }
    }

    private void judge(MilterPacket packet) {
        char question = asked;
        if (outcome != null || packet.code() == 'p') { // it is at work
            return;
        }
        if (question == 0) {
            fail("it speaks unasked");
        } else if (question == 'O') {
            negotiated(packet);
        } else if (question != 'E' || !changed(packet)) {
            answered(question, packet);
        }
    }

    private void negotiated(MilterPacket packet) {
        if (packet.code() != 'O' || packet.number(0) < MilterOptions.OLDEST_VERSION) {
            fail("it cannot be agreed with");
            return;
        }
        options = new MilterOptions(packet.number(2 * Integer.BYTES));
        asked = 0;
    }

    private void answered(char question, MilterPacket packet) {
        switch (packet.code()) {
            case 'c' -> {
                asked = 0;
                if (question == 'E') {
                    end(Inquiry.Outcome.of(HookAnswer.changed(changes)));
                }
            }
            case 'a' -> end(Inquiry.Outcome.of(HookAnswer.changed(changes)));
            case 'r', 'd' -> end(Inquiry.Outcome.of(HookAnswer.refused(HookReply.REFUSED)));
            case 't', 'f', '4' -> end(Inquiry.Outcome.of(HookAnswer.refused(HookReply.DEFERRED)));
            case 'y' -> {
                String reply = packet.words(0, 1).get(0).replace("%%", "%");
                end(Inquiry.Outcome.of(HookAnswer.refused(HookReply.parse(reply))));
            }
            default -> {
                if (packet.code() == 's' && question == 'B') {
                    wantsNoText = true;
                    asked = 0;
                } else {
                    fail("it wants what is not offered: " + packet.code());
                }
            }
        }
    }

    /** Whether it is a change of the message, asked for at its end. */
    private boolean changed(MilterPacket packet) {
        boolean withSpaces = options.keepsLeadingSpaces();
        switch (packet.code()) {
            case 'h' -> {
                List<String> words = packet.words(0, 2);
                HeaderFields.Field field = HeaderFields.field(words.get(0), words.get(1), withSpaces);
                change(fields -> fields.add(field));
            }
            case 'i' -> {
                int at = packet.number(0);
                List<String> words = packet.words(Integer.BYTES, 2);
                HeaderFields.Field field = HeaderFields.field(words.get(0), words.get(1), withSpaces);
                // Other servers count their own Received line, which here goes before all of them, whatever is asked.
                change(fields -> fields.insert(Math.max(0, at - 1), field));
            }
            case 'm' -> {
                int which = packet.number(0);
                List<String> words = packet.words(Integer.BYTES, 2);
                HeaderFields.Field field = HeaderFields.field(words.get(0), words.get(1), withSpaces);
                boolean removed = words.get(1).isEmpty();
                change(fields -> {
                    if (removed) {
                        fields.remove(field.name(), which);
                    } else {
                        fields.change(which, field);
                    }
                });
            }
            case 'q' -> end(Inquiry.Outcome.of(HookAnswer.refused(HookReply.REFUSED)));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void change(Consumer<HeaderFields> change) {
        if (changes.size() == MOST_CHANGES) {
            end(Inquiry.Outcome.deferred("it makes more than " + MOST_CHANGES + " changes"));
        } else {
            changes.add(change);
        }
    }

    private void end(Inquiry.Outcome known) {
        if (outcome == null) {
            outcome = known;
        }
        asked = 0;
        text = noText();
        header = null;
        out.clear();
    }

    /** Without the memory of what was. */
    private static ByteArrayOutputStream noText() {
        return new ByteArrayOutputStream(0);
    }
}
