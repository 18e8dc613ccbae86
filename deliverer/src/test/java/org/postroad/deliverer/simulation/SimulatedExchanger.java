package org.postroad.deliverer.simulation;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A mail exchanger of the simulation: it speaks SMTP, is slow or ill in many ways, and tells the witness what it sees. */
final class SimulatedExchanger {
    /** What ails it. */
    enum Mood {
        FINE,
        REFUSES,
        UNREACHABLE,
        SILENT,
        BUSY,
        THROTTLES,
        GREYLISTS,
        DROPS,
        HANGS_UP,
        MUTE,
        HATES_US;

        /** Whether no mail can be taken, so that our connections to it are of no use. */
        boolean isUseless() {
            return this == REFUSES || this == UNREACHABLE || this == BUSY;
        }
    }

    private static final long MILLI = 1_000_000;
    private static final String MAIL = "MAIL FROM:<";

    final InetSocketAddress address;
    private final World world;
    private final Witness witness;
    private final SplittableRandom chance;
    private final boolean pipelining;
    private final int capacity;
    private final long latency;
    private final Set<Session> sessions = new LinkedHashSet<>();
    private long think;
    private Mood mood = Mood.FINE;
    private long since;

    /** @param small whether it takes few connections at once */
    SimulatedExchanger(InetSocketAddress address, boolean small, World world, Witness witness) {
        this.address = address;
        this.world = world;
        this.witness = witness;
        this.chance = world.chance();
        this.pipelining = chance.nextInt(4) > 0;
        this.capacity = small ? 1 + chance.nextInt(6) : Integer.MAX_VALUE;
        this.latency = (1 + chance.nextInt(80)) * MILLI;
        this.think = (1 + chance.nextInt(200)) * MILLI;
    }

    void become(Mood next) {
        mood = next;
        since = world.now();
        think = (1 + chance.nextInt(next == Mood.FINE ? 200 : 20_000)) * MILLI;
        if (next == Mood.REFUSES && chance.nextBoolean()) {
            List.copyOf(sessions).forEach(Session::end); // it has died
        }
    }

    Mood mood() {
        return mood;
    }

    /** How long no mail of anybody can have been taken. */
    long uselessFor() {
        since = mood.isUseless() && sessions.isEmpty() ? since : world.now();
        return world.now() - since;
    }

    SimulatedChannel.Wire connect(SimulatedNode from, SimulatedChannel channel) {
        witness.connecting(from, this);
        Session session = new Session(from, channel);
        switch (mood) {
            case REFUSES -> channel.refused(2 * latency);
            case UNREACHABLE -> {}
            default -> {
                channel.connected(2 * latency);
                world.at(world.now() + latency, session::begin);
            }
        }
        return session;
    }

    private boolean happens(double often) {
        return chance.nextDouble() < often;
    }

    /** One connection. */
    private final class Session implements SimulatedChannel.Wire {
        private final SimulatedNode from;
        private final SimulatedChannel channel;
        private final StringBuilder unread = new StringBuilder();
        private int looked;
        private final List<Witness.Dot> dots = new ArrayList<>();
        private final List<String> recipients = new ArrayList<>();
        private final Map<String, Integer> underWay = new HashMap<>();
        private boolean inMail;
        private boolean inContent;
        private String queueId = "";
        private boolean ended;
        private boolean left;
        private boolean silent;
        private boolean used;
        private Witness.@Nullable Unanswered unanswered;
        private long repliedAt;
        private @Nullable String destination;

        Session(SimulatedNode from, SimulatedChannel channel) {
            this.from = from;
            this.channel = channel;
        }

        void begin() {
            if (ended) {
                return;
            }
            if (mood == Mood.BUSY || sessions.size() >= capacity) {
                reply("421 4.3.2 too busy");
                world.at(repliedAt, this::end);
            } else {
                sessions.add(this);
                if (mood != Mood.SILENT) {
                    reply("220 mx.test");
                }
            }
        }

        @Override
        public void said(String text) {
            boolean dot = text.startsWith(".\r\n") || text.contains("\r\n.\r\n");
            Witness.@Nullable Dot sent = dot ? witness.dotSent(from) : null;
            for (int mail = text.indexOf(MAIL); mail >= 0; mail = text.indexOf(MAIL, mail + 1)) {
                witness.mailBegins(from, text.substring(mail + MAIL.length(), text.indexOf('@', mail)), used);
                used = true;
            }
            world.at(world.now() + latency, () -> {
                if (sent != null) {
                    dots.add(sent);
                }
                unread.append(text);
                while (!ended && readLine()) {}
            });
        }

        @Override
        public void closed() {
            if (left) {
                return;
            }
            left = true;
            witness.disconnected(from, SimulatedExchanger.this);
            if (unanswered != null) {
                witness.hungUp(unanswered);
            }
            world.at(world.now() + latency, this::gone);
        }

        private void gone() {
            ended = true;
            sessions.remove(this);
            mailEnded();
        }

        private void end() {
            if (!ended) {
                gone();
                answered();
                channel.hearsTheEnd(latency);
            }
        }

        private void reply(String text) {
            reply(text, () -> {});
        }

        private void reply(String text, Runnable heard) {
            repliedAt = Math.max(repliedAt, world.now() + 1 + chance.nextLong(think));
            world.at(repliedAt, () -> {
                if (!ended && !silent) {
                    channel.hears(text + "\r\n", latency, heard);
                }
            });
        }

        private boolean readLine() {
            int end = unread.indexOf("\r\n", Math.max(0, looked - 1));
            if (end < 0) {
                looked = unread.length();
                return false;
            }
            looked = 0;
            String line = unread.substring(0, end);
            unread.delete(0, end + 2);
            if (inContent) {
                content(line);
            } else if (mood == Mood.DROPS && happens(0.15)) {
                end();
            } else {
                command(line);
            }
            return true;
        }

        private void command(String line) {
            switch (line.length() < 4 ? line : line.substring(0, 4)) {
                case "EHLO" -> reply(pipelining ? "250-mx.test\r\n250-8BITMIME\r\n250 PIPELINING" : "250 mx.test");
                case "MAIL" -> mail();
                case "RCPT" -> recipient(line.substring(line.indexOf('<') + 1, line.indexOf('>')));
                case "DATA" -> data();
                case "RSET" -> {
                    mailEnded();
                    reply("250 2.0.0 forgotten");
                }
                case "QUIT" -> {
                    reply("221 2.0.0 bye");
                    world.at(repliedAt, this::end);
                }
                default -> reply("500 5.5.1 what?");
            }
        }

        private void mail() {
            mailEnded();
            if (mood == Mood.THROTTLES && happens(0.5)) {
                witness.answersSome(from);
                boolean closes = chance.nextBoolean();
                reply(closes ? "421 4.7.0 slower" : "451 4.7.0 slower");
                if (closes) {
                    world.at(repliedAt, this::end);
                }
            } else if (mood == Mood.HATES_US) {
                witness.answersSome(from);
                reply("554 5.7.1 your IP address is blocked");
            } else {
                inMail = true;
                reply("250 2.1.0 ok");
            }
        }

        private void recipient(String address) {
            witness.asked(SimulatedExchanger.this, address);
            if (mood == Mood.HANGS_UP) {
                end();
                return;
            }
            int before = recipients.size();
            answerRecipient(address);
            if (before + recipients.size() == 0) {
                witness.answers(from, address); // it may have been the last of a message for nobody
            }
        }

        private void answerRecipient(String address) {
            if (!inMail) {
                reply("503 5.5.1 MAIL first");
            } else if (address.startsWith("unknown")) {
                witness.refused(address);
                reply("550 5.1.1 no such user");
            } else if (mood == Mood.GREYLISTS && happens(0.7)) {
                reply("450 4.2.0 later");
            } else if (address.startsWith("full") && happens(0.5)) {
                reply("452 4.2.2 mailbox full");
            } else {
                if (destination == null) {
                    destination = address.substring(address.indexOf('@') + 1);
                    underWay(destination, 1);
                }
                recipients.add(address);
                reply("250 2.1.5 ok");
            }
        }

        private void data() {
            if (recipients.isEmpty()) {
                reply("554 5.5.1 no valid recipients");
            } else {
                inContent = true;
                queueId = "";
                reply("354 go on");
            }
        }

        private void content(String line) {
            if (line.startsWith("Id: ")) {
                queueId = line.substring(4);
            } else if (line.equals(".")) {
                inContent = false;
                Witness.Dot dot = dots.remove(0);
                if (recipients.isEmpty()) {
                    reply("554 5.5.1 no valid recipients");
                } else {
                    dot(dot);
                }
            }
        }

        /** The node has heard what became of the message, or never will. */
        private void answered() {
            if (unanswered != null) {
                witness.answered(unanswered);
                unanswered = null;
            }
        }

        private void dot(Witness.Dot dot) {
            witness.dotArrived(dot, queueId, recipients);
            unanswered = witness.unanswered(from, queueId, recipients);
            boolean drops = mood == Mood.DROPS && happens(0.3);
            boolean mute = mood == Mood.MUTE;
            if ((drops || mute) && chance.nextBoolean()) {
                witness.accepted(from, queueId, recipients); // and will never say so
                mailEnded();
            } else if (!drops && !mute && happens(mood == Mood.FINE ? 0.02 : 0.1)) {
                witness.answers(from, recipients.get(0));
                reply("451 4.3.0 not now", this::answered);
                mailEndsWithReply();
            } else if (!drops && !mute) {
                Witness.Acceptance acceptance = witness.accepted(from, queueId, recipients);
                witness.answers(from, recipients.get(0));
                reply("250 2.0.0 taken", () -> {
                    answered();
                    acceptance.told();
                });
                mailEndsWithReply();
            }
            silent |= mute; // to skip one reply alone would make the next look like it
            if (drops) {
                end();
            }
        }

        /** With a message that rides there are two on this connection, maybe of one destination. */
        private void underWay(String of, int more) {
            int before = underWay.getOrDefault(of, 0);
            int after = underWay.merge(of, more, Integer::sum);
            if (before == 0 || after == 0) {
                witness.underWay(from, of, more);
            }
        }

        private void mailEndsWithReply() {
            String ending = destination;
            destination = null;
            recipients.clear();
            inMail = false;
            if (ending != null) {
                world.at(repliedAt, () -> underWay(ending, -1));
            }
        }

        private void mailEnded() {
            recipients.clear();
            inMail = false;
            if (destination != null) {
                underWay(destination, -1);
                destination = null;
            }
        }
    }
}
