package org.postroad.deploy.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.Source;
import org.postroad.deploy.settings.Reading;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Exchanger;

/** What keys ask of one another; what a key asks of its own value stands where it is declared. */
final class RulesAcrossKeys {
    private final Reading reading;

    private RulesAcrossKeys(Reading reading) {
        this.reading = reading;
    }

    /** Throws if any rule is broken. */
    static void check(Configuration configuration, Reading reading) {
        RulesAcrossKeys rules = new RulesAcrossKeys(reading);
        List<Source> sources = configuration.deliverer().sources();
        rules.listenersHaveNamesOfTheirOwn(configuration.ingress());
        rules.listenersHaveWhatTheyNeed(
                "ingress.listeners", configuration.ingress().listeners(), configuration.ingress());
        rules.listenersHaveWhatTheyNeed(
                "ingress.http-listeners", configuration.ingress().httpListeners(), configuration.ingress());
        rules.hooksHaveNamesAndAddressesOfTheirOwn(
                "ingress.listeners", configuration.ingress().listeners());
        rules.hooksHaveNamesAndAddressesOfTheirOwn(
                "ingress.http-listeners", configuration.ingress().httpListeners());
        rules.quotasMatchWhatTheyAreFor(configuration.ingress().quotas());
        rules.onlyOneSourceIsUsed(sources);
        rules.aSourceSendsByTheFamilyOfItsAddress(sources);
        rules.routesNameAddressesThatTheSourceReaches(configuration.routes(), sources.get(0));
        rules.whoeverIsAskedFromElsewhereAsksForTokens(configuration);
        reading.check();
    }

    private void whoeverIsAskedFromElsewhereAsksForTokens(Configuration configuration) {
        if (!configuration.adminAddress().getAddress().isLoopbackAddress() && configuration.adminTokensFile() == null) {
            fault(
                    "node.admin-address",
                    Addresses.text(configuration.adminAddress()),
                    "on loopback, as it has to be without node.admin-tokens-file");
        }
    }

    private void listenersHaveNamesOfTheirOwn(IngressConfig ingress) {
        Set<String> names = new HashSet<>();
        haveNamesOfTheirOwn("ingress.listeners", ingress.listeners(), names);
        haveNamesOfTheirOwn("ingress.http-listeners", ingress.httpListeners(), names);
    }

    private void haveNamesOfTheirOwn(String key, List<Listener> listeners, Set<String> names) {
        for (int i = 0; i < listeners.size(); i++) {
            String name = listeners.get(i).name();
            if (!names.add(name)) {
                fault(key + "[" + i + "].name", name, "a name of its own");
            }
        }
    }

    private void listenersHaveWhatTheyNeed(String list, List<Listener> listeners, IngressConfig ingress) {
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            String key = list + "[" + i + "].";
            if (listener.tls() != Tls.NONE && ingress.certificates().isEmpty()) {
                fault(key + "tls", Ascii.lower(listener.tls().name()), "possible without ingress.certificates");
            }
            if (listener.auth() != Auth.NONE && ingress.usersFile() == null) {
                fault(key + "auth", Ascii.lower(listener.auth().name()), "possible without ingress.users-file");
            }
            if (listener.clientCa() != null && (listener.auth() == Auth.NONE || listener.tls() == Tls.NONE)) {
                fault(key + "client-ca", listener.clientCa().toString(), "possible without tls and auth");
            }
            if (listener.auth() != Auth.NONE && listener.tls() == Tls.NONE && !listener.authInClear()) {
                fault(
                        key + "auth",
                        Ascii.lower(listener.auth().name()),
                        "possible without tls, unless auth-in-clear is true");
            }
        }
    }

    private void hooksHaveNamesAndAddressesOfTheirOwn(String list, List<Listener> listeners) {
        for (int i = 0; i < listeners.size(); i++) {
            List<Hook> hooks = listeners.get(i).handling().hooks();
            List<String> names = new ArrayList<>();
            for (Hook hook : hooks) {
                String key = list + "[" + i + "].hooks[" + names.size() + "].";
                if (names.contains(hook.name())) {
                    fault(key + "name", hook.name(), "a name of its own");
                }
                if ((hook.http() == null) == (hook.milter() == null)) {
                    fault(key + "name", hook.name(), "a hook: either http or milter says where it is");
                }
                names.add(hook.name());
            }
        }
    }

    private void quotasMatchWhatTheyAreFor(List<Quota> quotas) {
        for (int i = 0; i < quotas.size(); i++) {
            Quota quota = quotas.get(i);
            String key = "ingress.quotas[" + i + "].";
            boolean isOfNames = quota.subject() == Subject.USER || quota.subject() == Subject.TENANT;
            if (!isOfNames && !quota.names().isEmpty()) {
                fault(key + "match", quota.names().toString(), "used for clients and networks, which from names");
            }
            if (isOfNames && !quota.from().isEmpty()) {
                fault(key + "from", quota.from().toString(), "used for users and tenants, which match names");
            }
            if (quota.mails().isEmpty() && quota.recipients().isEmpty()) {
                fault(key + "mails", "[]", "a limit, and neither is recipients");
            }
        }
    }

    private void onlyOneSourceIsUsed(List<Source> sources) {
        if (sources.size() > 1) {
            fault("deliverer.sources[1].name", sources.get(1).name(), "used: only one source is, as yet");
        }
    }

    private void aSourceSendsByTheFamilyOfItsAddress(List<Source> sources) {
        for (int i = 0; i < sources.size(); i++) {
            AddressFamily wanted = sources.get(i).family();
            AddressFamily reached = new Source("", "", sources.get(i).address()).reaches();
            if (wanted != AddressFamily.ANY && !reached.includes(wanted)) {
                fault(
                        "deliverer.sources[" + i + "].address-family",
                        Ascii.lower(wanted.name()),
                        "the family of its address, which is " + reached);
            }
        }
    }

    private void routesNameAddressesThatTheSourceReaches(List<ConfiguredRoute> routes, Source source) {
        for (int i = 0; i < routes.size(); i++) {
            for (Exchanger to : routes.get(i).to()) {
                if (Addresses.isHost(to.getHost()) && !source.reaches().includes(Addresses.host(to.getHost()))) {
                    fault(
                            "router.routes[" + i + "].to",
                            RouterKeys.text(to),
                            "an " + source.reaches() + " address, by which alone deliverer.sources[0] sends");
                }
            }
        }
    }

    private void fault(String key, String value, String wanted) {
        reading.fault(key, value + " is not " + wanted);
    }
}
