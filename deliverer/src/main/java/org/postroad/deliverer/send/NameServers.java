package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;

/**
 * Asks one name server after the other until one says yes or no: silence, garbage, REFUSED and SERVFAIL are neither, and dnsjava's own
 * resolver for several takes them for an answer.
 *
 * <p>The next question begins with the server that answered this one. Confined to the loop that is given as executor.
 */
final class NameServers implements Resolver {
    private static final int LEAST_TRIES = 2;
    private static final int MOST_TRIES = 4;

    private final List<Resolver> servers;
    private final int tries;
    private int first;

    /** @param tryLimit until the next is asked */
    NameServers(List<InetSocketAddress> addresses, Duration tryLimit) {
        this.servers = addresses.stream().map(address -> one(address, tryLimit)).toList();
        this.tries = Math.max(LEAST_TRIES, Math.min(servers.size(), MOST_TRIES));
    }

    private static Resolver one(InetSocketAddress address, Duration tryLimit) {
        SimpleResolver resolver = new SimpleResolver(address);
        resolver.setTimeout(tryLimit);
        return resolver;
    }

    @Override
    public CompletionStage<Message> sendAsync(Message query, Executor executor) {
        if (servers.isEmpty()) {
            return CompletableFuture.failedFuture(new IllegalStateException("no name server is known"));
        }
        return send(query, executor, first, 1);
    }

    private CompletionStage<Message> send(Message query, Executor executor, int index, int attempt) {
        CompletionStage<Message> sent = servers.get(index).sendAsync(query, executor);
        return sent.handleAsync(
                        (message, failure) -> {
                            if (isSettled(message)) {
                                first = index;
                                return sent;
                            }
                            int next = (index + 1) % servers.size();
                            return attempt == tries ? sent : send(query, executor, next, attempt + 1);
                        },
                        executor)
                .thenCompose(stage -> stage);
    }

    /** Whether no other server could say it better. */
    private static boolean isSettled(@Nullable Message message) {
        return message != null && (message.getRcode() == Rcode.NOERROR || message.getRcode() == Rcode.NXDOMAIN);
    }

    @Override
    public void setPort(int port) {
        servers.forEach(server -> server.setPort(port));
    }

    @Override
    public void setTCP(boolean tcp) {
        servers.forEach(server -> server.setTCP(tcp));
    }

    @Override
    public void setIgnoreTruncation(boolean ignore) {
        servers.forEach(server -> server.setIgnoreTruncation(ignore));
    }

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {
        servers.forEach(server -> server.setEDNS(version, payloadSize, flags, options));
    }

    @Override
    public void setTSIGKey(TSIG key) {
        servers.forEach(server -> server.setTSIGKey(key));
    }

    @Override
    public void setTimeout(Duration timeout) {
        servers.forEach(server -> server.setTimeout(timeout));
    }
}
