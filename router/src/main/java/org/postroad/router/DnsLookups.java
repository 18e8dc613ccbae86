package org.postroad.router;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.postroad.schemas.Domain;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Asks DNS for MX hosts by absolute names; search lists never apply. UDP first, TCP when an answer was cut short.
 *
 * <p>Safe for all threads. dnsjava's higher layers are not used: they hide the negative time to live, and do not ask the
 * next server after SERVFAIL.
 */
final class DnsLookups implements Lookups {
    /** Three tries end within half of what a lookup may take; a server that is still at work then has it when asked again. */
    private static final Duration TRY_LIMIT = Duration.ofSeconds(3);

    private static final int LEAST_TRIES = 2;
    private static final int MOST_TRIES = 3;

    /** CNAMEs that are asked for one by one; resolvers mostly send the whole chain at once. */
    private static final int ALIASES = 8;

    private final List<Resolver> servers;
    private final int tries;

    /** The server that answered last is asked first. Written and read by any thread: an old value costs one question. */
    private int first;

    private DnsLookups(List<Resolver> servers) {
        this.servers = servers;
        this.tries = Math.max(LEAST_TRIES, Math.min(servers.size(), MOST_TRIES));
    }

    /** By these servers, in order; none means the system's. */
    static DnsLookups by(List<InetSocketAddress> addresses) {
        return by(addresses, TRY_LIMIT);
    }

    static DnsLookups by(List<InetSocketAddress> addresses, Duration tryLimit) {
        List<Resolver> servers = new ArrayList<>();
        for (InetSocketAddress address :
                addresses.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : addresses) {
            SimpleResolver server = new SimpleResolver(address);
            server.setTimeout(tryLimit);
            servers.add(server);
        }
        if (servers.isEmpty()) {
            throw new IllegalStateException("the system names no DNS server; router.dns-servers can");
        }
        return new DnsLookups(List.copyOf(servers));
    }

    @Override
    public CompletionStage<MxAnswer> exchangersOf(String domain) {
        try {
            if (Domain.isWellFormed(domain, false)) {
                return ask(Name.fromString(domain + "."), ALIASES);
            }
        } catch (TextParseException e) {
            // Longer than DNS allows: as below.
        }
        return CompletableFuture.completedFuture(new NoSuchName(Integer.MAX_VALUE));
    }

    private CompletionStage<MxAnswer> ask(Name name, int aliases) {
        return send(name, first, 1).thenCompose(reply -> {
            if (reply.message() == null) {
                return CompletableFuture.completedFuture(new Unanswered(reply.failure(), false));
            }
            MxReading reading = MxReading.of(name, reply.message());
            if (reading.answer() != null) {
                return CompletableFuture.completedFuture(reading.answer());
            }
            return aliases == 0
                    ? CompletableFuture.completedFuture(new Unanswered("too many aliases, the last " + name, false))
                    : ask(reading.alias(), aliases - 1);
        });
    }

    /** A server's message, or why there is none. */
    private record Sent(@Nullable Message message, String failure) {}

    private CompletionStage<Sent> send(Name name, int index, int attempt) {
        Resolver server = servers.get(index);
        Message query = Message.newQuery(Record.newRecord(name, Type.MX, DClass.IN));
        return server.sendAsync(query)
                .handle((message, failure) -> new Sent(message, failure == null ? "" : words(failure, server)))
                .thenCompose(sent -> {
                    if (sent.message() != null && MxReading.isAnswer(sent.message())) {
                        first = index;
                        return CompletableFuture.completedFuture(sent);
                    }
                    return attempt == tries
                            ? CompletableFuture.completedFuture(sent)
                            : send(name, (index + 1) % servers.size(), attempt + 1);
                });
    }

    private static String words(Throwable failure, Resolver server) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String what = cause instanceof TimeoutException
                        || String.valueOf(cause.getMessage()).contains("imed out")
                ? "no answer in time"
                : String.valueOf(cause.getMessage());
        return "DNS: " + what + " (" + server + ")";
    }
}
