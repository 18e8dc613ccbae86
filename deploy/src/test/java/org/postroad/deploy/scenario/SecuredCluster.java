package org.postroad.deploy.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclPermissionType;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.Right;

/** A cluster that lets each user in by name and password (SASL/PLAIN) and allows what it was granted, and nothing else. */
final class SecuredCluster implements AutoCloseable {
    static final String SUPERUSER = "admin";

    private final String bootstrapServers;
    private final AutoCloseable brokers;
    private final Admin admin;

    private SecuredCluster(String bootstrapServers, AutoCloseable brokers) {
        this.bootstrapServers = bootstrapServers;
        this.brokers = brokers;
        this.admin = Admin.create(superuser().admin("test-admin"));
    }

    /** Starts brokers with properties that go before their own. */
    interface Start<T extends AutoCloseable> {
        T start(Map<String, String> properties) throws IOException;
    }

    static <T extends AutoCloseable> SecuredCluster start(
            String authorizer, Start<T> start, Function<T, String> bootstrapServers) throws IOException {
        T brokers = start.start(properties(authorizer));
        return new SecuredCluster(bootstrapServers.apply(brokers), brokers);
    }

    /** One broker in this process, whose authorizer remembers what it is asked. */
    static SecuredCluster embedded(Path directory) throws IOException {
        return start(
                RecordingAuthorizer.class.getName(),
                properties -> EmbeddedBroker.start(directory.resolve("kafka"), 0, properties),
                EmbeddedBroker::bootstrapServers);
    }

    private static Map<String, String> properties(String authorizer) {
        String users = Arrays.stream(KafkaUser.values())
                .map(SecuredCluster::name)
                .map(name -> " user_" + name + "=\"" + name + "-password\"")
                .collect(Collectors.joining());
        Map<String, String> properties = new HashMap<>();
        properties.put("listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("sasl.enabled.mechanisms", "PLAIN");
        properties.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        properties.put(
                "listener.name.plaintext.plain.sasl.jaas.config",
                login(SUPERUSER).replace(";", users + " user_admin=\"admin-password\";"));
        properties.put("authorizer.class.name", authorizer);
        // The controller's listener knows no users; only brokers come to it.
        properties.put("super.users", "User:" + SUPERUSER + ";User:ANONYMOUS");
        return properties;
    }

    private static String login(String name) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + name + "\" password=\""
                + name + "-password\";";
    }

    static String name(KafkaUser user) {
        return Ascii.lower(user.name());
    }

    static Map<String, String> clientProperties(String name) {
        return Map.of(
                "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config", login(name));
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    Admin admin() {
        return admin;
    }

    KafkaSettings superuser() {
        return new KafkaSettings(bootstrapServers, "postroad.", clientProperties(SUPERUSER), false);
    }

    /** A configuration with which a user comes. */
    Path config(Path directory, KafkaUser user, String rest) throws IOException {
        return Files.writeString(
                directory.resolve(name(user) + ".yaml"), """
                kafka:
                  bootstrap-servers: "%s"
                  properties:
                    security.protocol: SASL_PLAINTEXT
                    sasl.mechanism: PLAIN
                    sasl.jaas.config: '%s'
                %s""".formatted(bootstrapServers, login(name(user)), rest));
    }

    /** Returns when the broker knows. */
    void grant(KafkaUser user, Collection<Right> rights) throws Exception {
        Set<AclBinding> bindings = bindings(user, rights);
        admin.createAcls(bindings).all().get();
        awaitKnown(bindings, true);
    }

    /** Returns when the broker knows. */
    void withdraw(KafkaUser user, Right right) throws Exception {
        Set<AclBinding> bindings = bindings(user, List.of(right));
        admin.deleteAcls(bindings.stream().map(AclBinding::toFilter).toList())
                .all()
                .get();
        awaitKnown(bindings, false);
    }

    private static Set<AclBinding> bindings(KafkaUser user, Collection<Right> rights) {
        return rights.stream()
                .map(right -> new AclBinding(
                        right.on(),
                        new AccessControlEntry("User:" + name(user), "*", right.operation(), AclPermissionType.ALLOW)))
                .collect(Collectors.toSet());
    }

    private void awaitKnown(Set<AclBinding> bindings, boolean granted) throws Exception {
        Road.await(
                () -> {
                    Set<AclBinding> known = new HashSet<>(
                            admin.describeAcls(AclBindingFilter.ANY).values().get());
                    return granted
                            ? known.containsAll(bindings)
                            : known.stream().noneMatch(bindings::contains);
                },
                done -> done);
    }

    @Override
    public void close() throws Exception {
        admin.close(Duration.ofSeconds(1));
        brokers.close();
    }
}
