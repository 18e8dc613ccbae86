package org.postroad.deliverer.address;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressBook.Answer;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.schemas.dns.NameServers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.hosts.HostsFileParser;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * Asks DNS for the addresses of hosts, of both families at once, so many names at a time.
 *
 * <p>A name that is asked for has a place, since it holds sockets. Names whose servers are silent would hold theirs a thousand times as
 * long as others, so every name is first asked for in a hurry, and one that has no answer then waits for one of the places for slow ones,
 * where servers get the time that they need. The name that came last gets the next place: however many silent ones came
 * before it, it waits for one of them to leave, and not for all. Whichever waits too long has failed.
 *
 * <p>Confined to one loop.
 */
public final class AddressLookups {
    private static final Logger LOG = LoggerFactory.getLogger(AddressLookups.class);

    /** Names asked for in a hurry at once; each has up to two sockets. With {@link #HURRY} that is 500 silent names a second and loop. */
    static final int FRESH = 250;

    /** Names at once for which servers get their time. */
    static final int SLOW = 250;

    /** For each of two servers; nearly all names are answered sooner. */
    static final Duration HURRY = Duration.ofMillis(250);

    /** How long one family's addresses wait for the other's, which may come later or never (RFC 8305 section 3). */
    static final Duration OTHER_FAMILY = Duration.ofMillis(50);

    /** More than all tries of two servers take. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    /** Who wants to know. */
    interface Receiver {
        /**
         * Hears of addresses, once or twice.
         *
         * @param answer of one family, whose other one is late; or all
         */
        void found(Answer answer);
    }

    private final EventLoop loop;
    private final AddressFamily family;
    private final LookupSession hurried;
    private final LookupSession patient;
    private final ArrayDeque<Lookup> toAsk = new ArrayDeque<>();
    private final ArrayDeque<Lookup> toAskSlowly = new ArrayDeque<>();
    private int fresh;
    private int slow;

    public AddressLookups(EventLoop loop, NameServers servers, AddressFamily family) {
        this(loop, servers.hurried(HURRY), servers, family);
    }

    public AddressLookups(EventLoop loop, Resolver hurried, Resolver patient, AddressFamily family) {
        this.loop = loop;
        this.family = family;
        HostsFileParser hosts = new HostsFileParser();
        this.hurried = session(hurried, hosts);
        this.patient = session(patient, hosts);
    }

    /** The system's hosts file names what an operator's route may name. */
    private LookupSession session(Resolver resolver, HostsFileParser hosts) {
        return LookupSession.builder()
                .resolver(resolver)
                .executor(loop)
                .maxRedirects(8)
                .hostsFileParser(hosts)
                .build();
    }

    /** Tells the receiver later, on the loop. */
    void find(Name name, Receiver receiver) {
        assert loop.inEventLoop();
        Lookup lookup = new Lookup(name, receiver);
        lookup.limit = loop.schedule(() -> lookup.end(lookup.known()), LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        toAsk.addLast(lookup);
        askNext();
    }

    private void askNext() {
        for (Lookup next = nextInHurry(); next != null; next = nextInHurry()) {
            fresh++;
            next.ask(hurried);
        }
        for (Lookup next = nextSlow(); next != null; next = nextSlow()) {
            slow++;
            next.ask(patient);
        }
    }

    private @Nullable Lookup nextInHurry() {
        return fresh < FRESH ? newest(toAsk) : null;
    }

    private @Nullable Lookup nextSlow() {
        return slow < SLOW ? newest(toAskSlowly) : null;
    }

    private static @Nullable Lookup newest(ArrayDeque<Lookup> waiting) {
        while (!waiting.isEmpty() && waiting.getFirst().ended) {
            waiting.removeFirst(); // the oldest ones, whose time is over, are at this end
        }
        return waiting.pollLast();
    }

    /** Whether there are places for what nobody waits for. */
    private boolean isQuiet() {
        return toAskSlowly.isEmpty() && slow < SLOW / 2;
    }

    /** One name, from its arrival to its end. */
    private final class Lookup {
        private final Name name;
        private final Receiver receiver;
        private @Nullable Future<?> limit;
        private boolean ended;
        private boolean told;
        private Answer six = family.includes(AddressFamily.IPV6) ? Answer.FAILED : Answer.NONE;
        private Answer four = family.includes(AddressFamily.IPV4) ? Answer.FAILED : Answer.NONE;
        private int underWay;

        Lookup(Name name, Receiver receiver) {
            this.name = name;
            this.receiver = receiver;
        }

        /** Failed are those that were not answered yet. */
        private Answer known() {
            return six.with(four);
        }

        /** Of the families that are wanted and not known. */
        void ask(LookupSession session) {
            underWay = (six.failed() ? 1 : 0) + (four.failed() ? 1 : 0);
            boolean asksFour = four.failed();
            if (six.failed()) {
                send(session, Type.AAAA);
            }
            if (asksFour) {
                send(session, Type.A);
            }
        }

        private void send(LookupSession session, int type) {
            CompletableFuture<Answer> answer = lookUp(session, type).toCompletableFuture();
            Future<?> silence =
                    loop.schedule(() -> answer.complete(Answer.FAILED), LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            answer.whenCompleteAsync(
                    (found, failure) -> {
                        silence.cancel(false);
                        arrived(session, type, found);
                    },
                    loop);
        }

        private CompletionStage<Answer> lookUp(LookupSession session, int type) {
            try {
                return session.lookupAsync(name, type)
                        .handle((result, failure) -> failure == null ? of(result) : of(failure));
            } catch (Throwable bug) {
                // Thrown on, it would keep its place among the lookups, and its mail waiting, for ever.
                LOG.atError().setCause(bug).addKeyValue("name", name).log("unforeseen exception in a lookup");
                return CompletableFuture.completedFuture(Answer.FAILED);
            }
        }

        private void arrived(LookupSession session, int type, @Nullable Answer found) {
            Answer answer = found == null ? Answer.FAILED : found;
            six = type == Type.AAAA ? answer : six;
            four = type == Type.A ? answer : four;
            if (--underWay == 0) {
                asked(session, known());
            } else if (!answer.addresses().isEmpty()) {
                loop.schedule(() -> tellEarly(answer), OTHER_FAMILY.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        /** A family that is not answered costs nothing where the other is. */
        private void tellEarly(Answer answer) {
            if (!ended && !told) {
                told = true;
                receiver.found(answer);
            }
        }

        private void asked(LookupSession session, Answer answer) {
            boolean inHurry = session == hurried;
            fresh -= inHurry ? 1 : 0;
            slow -= inHurry ? 0 : 1;
            boolean enough = !answer.addresses().isEmpty();
            try {
                if (ended || !answer.failed() || !inHurry || enough && !isQuiet()) {
                    end(answer);
                } else {
                    toAskSlowly.addLast(this);
                    if (enough) {
                        tellEarly(answer); // and the other family's when they come
                    }
                }
            } finally {
                askNext();
            }
        }

        void end(Answer answer) {
            if (!ended) {
                ended = true;
                if (limit != null) {
                    limit.cancel(false);
                }
                receiver.found(answer);
            }
        }
    }

    private static Answer of(LookupResult result) {
        List<InetAddress> addresses = new ArrayList<>();
        long ttl = AddressBook.LONGEST.toSeconds();
        List<Record> records = result.getRecords();
        for (Record answer : records.subList(0, Math.min(AddressBook.ADDRESSES, records.size()))) {
            ttl = Math.min(ttl, answer.getTTL());
            if (answer instanceof ARecord four) {
                addresses.add(four.getAddress());
            } else if (answer instanceof AAAARecord six) {
                addresses.add(six.getAddress());
            }
        }
        return new Answer(addresses, false, ttl);
    }

    private static Answer of(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        boolean no = isNo(failure) || isNo(cause);
        return no ? Answer.NONE : Answer.FAILED;
    }

    private static boolean isNo(Throwable failure) {
        return failure instanceof NoSuchDomainException || failure instanceof NoSuchRRSetException;
    }
}
