package org.postroad.deploy.command;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.deploy.settings.Shown;
import org.postroad.router.RouteRules;
import org.postroad.schemas.HostAndPort;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.UnreachableException;
import org.postroad.schemas.policy.StandingPolicy;

/** What policies make of a configuration that is shown: the values stay those of the file, and beside them stands who overrules them. */
final class ShownPolicies {
    private static final int CONNECT_MILLIS = 1_000;

    private ShownPolicies() {}

    /**
     * The policies of the cluster; blocks for seconds where it is unwell.
     *
     * @throws RuntimeException if it cannot tell
     */
    static PolicyBook read(ConfigOption config) {
        String servers = config.load().kafka().bootstrapServers();
        if (Stream.of(servers.split(",")).map(String::trim).noneMatch(ShownPolicies::listens)) {
            throw new UnreachableException("no Kafka at " + servers, new ConnectException("nothing listens there"));
        }
        return PolicyTopic.on(config, KafkaUser.POLICY_LIST, Clock.systemUTC(), PolicyTopic::read);
    }

    /** A client of Kafka would try for long; most who look at a configuration have no cluster. */
    private static boolean listens(String server) {
        try (Socket socket = new Socket()) {
            HostAndPort named = HostAndPort.parse(server);
            socket.connect(new InetSocketAddress(named.host(), named.port()), CONNECT_MILLIS);
            return true;
        } catch (IOException | IllegalArgumentException nobody) {
            return false;
        }
    }

    /** The same configuration with what is in force beside each value. */
    static Shown.Group over(Shown.Group shown, PolicyBook book) {
        RouteRules rules = book.rules();
        Shown.Group limits = rows(
                shown,
                "deliverer",
                "limits",
                "destination",
                destination -> key -> book.limits().decided(destination).get(key));
        Shown.Group routes = rows(limits, "router", "routes", "domain", domain -> {
            RouteRules.Decided<?> decided = rules.decidedRoute(domain);
            return key -> decided == null ? null : decided.policy();
        });
        return rows(
                routes,
                "router",
                "roll-up",
                "exchanger-suffix",
                suffix -> key -> rules.decidedRollUp(suffix)
                        .map(RouteRules.Decided::policy)
                        .orElse(null));
    }

    /** @param deciders for what a row is about: for a key of it, which policy decides */
    private static Shown.Group rows(
            Shown.Group all,
            String section,
            String list,
            String about,
            Function<String, Function<String, @Nullable StandingPolicy>> deciders) {
        return with(
                all,
                section,
                its -> with(
                        its,
                        list,
                        rows -> rows instanceof Shown.Rows some
                                ? new Shown.Rows(some.rows().stream()
                                        .map(row -> row(
                                                row,
                                                deciders.apply(String.valueOf(
                                                        row.plain().get(about)))))
                                        .toList())
                                : rows));
    }

    private static Shown with(Shown group, String name, Function<Shown, Shown> change) {
        return group instanceof Shown.Group its ? with(its, name, change) : group;
    }

    private static Shown.Group with(Shown.Group group, String name, Function<Shown, Shown> change) {
        Map<String, Shown> members = new LinkedHashMap<>(group.members());
        members.computeIfPresent(name, (key, member) -> change.apply(member));
        return new Shown.Group(members);
    }

    private static Shown.Group row(Shown.Group row, Function<String, @Nullable StandingPolicy> decider) {
        Map<String, Shown> members = new LinkedHashMap<>(row.members());
        members.replaceAll((key, member) -> {
            StandingPolicy policy = decider.apply(key);
            String value = policy == null ? null : policy.settings().get(key);
            return value == null || !(member instanceof Shown.Value shown) ? member : shown.under(words(policy, value));
        });
        return new Shown.Group(members);
    }

    private static String words(StandingPolicy policy, String value) {
        String end = PolicyLines.end(policy);
        return PolicyLines.plain("policy " + policy.key() + ": " + value + (end == null ? "" : " until " + end));
    }
}
