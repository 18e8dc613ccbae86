package org.postroad.router;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.postroad.schemas.Domain;
import org.postroad.schemas.dns.NameServers;
import org.postroad.schemas.dns.NoAnswerException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Asks DNS for MX hosts by absolute names; search lists never apply.
 *
 * <p>Safe for all threads. dnsjava's higher layers are not used: they hide the negative time to live.
 */
final class DnsLookups implements Lookups {
    /** CNAMEs that are asked for one by one; resolvers mostly send the whole chain at once. */
    private static final int ALIASES = 8;

    private final NameServers servers;

    private DnsLookups(NameServers servers) {
        if (!servers.isAny()) {
            throw new IllegalStateException("the system names no DNS server; router.dns-servers can");
        }
        this.servers = servers;
    }

    /** By these servers, in order; none means the system's. */
    static DnsLookups by(List<InetSocketAddress> addresses) {
        return by(addresses, NameServers.TRY_LIMIT);
    }

    static DnsLookups by(List<InetSocketAddress> addresses, Duration tryLimit) {
        return new DnsLookups(NameServers.of(addresses, tryLimit));
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
        Message query = Message.newQuery(Record.newRecord(name, Type.MX, DClass.IN));
        return servers.sendAsync(query)
                .handle((message, failure) -> failure == null ? read(name, message, aliases) : unanswered(failure))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<MxAnswer> read(Name name, Message message, int aliases) {
        MxReading reading = MxReading.of(name, message);
        if (reading.answer() != null) {
            return CompletableFuture.completedFuture(reading.answer());
        }
        return aliases == 0
                ? CompletableFuture.completedFuture(new Unanswered("too many aliases, the last " + name, false))
                : ask(reading.alias(), aliases - 1);
    }

    private static CompletionStage<MxAnswer> unanswered(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof NoAnswerException none
                ? CompletableFuture.completedFuture(new Unanswered(String.valueOf(none.getMessage()), false))
                : CompletableFuture.failedFuture(failure);
    }
}
