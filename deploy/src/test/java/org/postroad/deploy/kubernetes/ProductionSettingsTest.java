package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Ledger;
import org.postroad.deploy.operator.Terms;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ExchangerCertificate;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Production's own file, its users with exactly the rights of its manifests, certificates for all of them: mail flows. */
@Tag("long")
class ProductionSettingsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String BROKER = "broker";

    private final Path directory;

    ProductionSettingsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void mailFlowsWithTheFilesOfProduction() throws Exception {
        KafkaCertificates certificates = new KafkaCertificates(directory);
        certificates.add(BROKER);
        List<Manifest> users = Manifests.of("production").stream()
                .filter(each -> each.kind().equals("KafkaUser"))
                .toList();
        for (Manifest user : users) {
            certificates.add(user.name());
        }
        ExchangerCertificate.VALID.writePem(directory.resolve("tls.crt"), directory.resolve("tls.key"));
        Files.createFile(directory.resolve("users"));
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0, properties(certificates));
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting())) {
            grant(broker, certificates, users);
            try (TopicAdmin admin = new TopicAdmin(
                    settings("postroad-topics-create", broker, exchanger).kafka(), topics(broker, exchanger))) {
                admin.create();
            }
            try (Node router = node(Node.Part.ROUTER, broker, exchanger);
                    Node deliverer = node(Node.Part.DELIVERER, broker, exchanger);
                    Node observer = node(Node.Part.OBSERVER, broker, exchanger);
                    Node ingress = node(Node.Part.INGRESS, broker, exchanger);
                    SmtpClient client = SmtpClient.connect(ingress.listeners().get(0))) {
                client.send("sender@elsewhere.test", List.of("reader@example.org"), "Subject: x\r\n\r\nHello\r\n");
                exchanger.awaitMails(1, PATIENCE);
                assertThat(balanced(
                                settings("postroad-ledger", broker, exchanger).kafka(), topics(broker, exchanger)))
                        .satisfies(terms -> assertThat(terms.delivered()).isEqualTo(1));
                assertThat(List.of(router, deliverer, observer, ingress)).allMatch(node -> node.dead() == null);
            }
        }
    }

    private static Map<String, String> properties(KafkaCertificates certificates) {
        Map<String, String> properties = new HashMap<>(certificates.properties(BROKER));
        properties.remove("security.protocol");
        properties.put("listener.security.protocol.map", "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT");
        properties.put("ssl.client.auth", "required");
        properties.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        properties.put("super.users", "User:CN=" + BROKER + ";User:ANONYMOUS");
        return properties;
    }

    /** As the user operator of Strimzi does it. */
    private static void grant(EmbeddedBroker broker, KafkaCertificates certificates, List<Manifest> users)
            throws Exception {
        List<AclBinding> bindings = new ArrayList<>();
        for (Manifest user : users) {
            for (Manifest acl : user.list("spec.authorization.acls")) {
                for (String operation : acl.texts("operations")) {
                    bindings.add(new AclBinding(
                            on(acl.section("resource")),
                            new AccessControlEntry(
                                    "User:CN=" + user.name(),
                                    "*",
                                    AclOperation.fromString(operation.replaceAll("(?<=[a-z])(?=[A-Z])", "_")),
                                    AclPermissionType.ALLOW)));
                }
            }
        }
        Map<String, Object> client = new HashMap<>(certificates.properties(BROKER));
        client.put("bootstrap.servers", broker.bootstrapServers());
        try (Admin admin = Admin.create(client)) {
            admin.createAcls(bindings).all().get();
            long begunAt = System.nanoTime();
            while (!admin.describeAcls(AclBindingFilter.ANY).values().get().containsAll(bindings)) {
                pause(begunAt);
            }
        }
    }

    private static ResourcePattern on(Manifest resource) {
        String type = resource.text("type");
        if (type.equals("cluster")) {
            return new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL);
        }
        return new ResourcePattern(
                type.equals("transactionalId") ? ResourceType.TRANSACTIONAL_ID : ResourceType.fromString(type),
                resource.text("name"),
                resource.text("patternType").equals("prefix") ? PatternType.PREFIXED : PatternType.LITERAL);
    }

    /** The file of production, with other places for what is mounted and other addresses, as a test has to have them. */
    private Configuration settings(String user, EmbeddedBroker broker, ScriptedExchanger exchanger) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "POSTROAD_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                "POSTROAD_KAFKA_PROPERTIES__SSL_TRUSTSTORE_LOCATION_", directory + "/ca.crt",
                "POSTROAD_KAFKA_PROPERTIES__SSL_KEYSTORE_LOCATION_", directory + "/" + user + "/user.p12",
                "POSTROAD_KAFKA_PROPERTIES__SSL_KEYSTORE_PASSWORD_", KafkaCertificates.PASSWORD,
                "POSTROAD_NODE_METRICS_ADDRESS", "127.0.0.1:0",
                "POSTROAD_NODE_ADMIN_ADDRESS", "127.0.0.1:0",
                "POSTROAD_INGRESS_CERTIFICATES_0__CERTIFICATE", directory + "/tls.crt",
                "POSTROAD_INGRESS_CERTIFICATES_0__PRIVATE_KEY", directory + "/tls.key",
                "POSTROAD_INGRESS_USERS_FILE", directory + "/users",
                "POSTROAD_ROUTER_ROUTES_0__TO", "127.0.0.1:" + exchanger.port()));
        for (int i = 0; i < 3; i++) {
            environment.put("POSTROAD_INGRESS_LISTENERS_" + i + "__ADDRESS", "127.0.0.1:0");
        }
        return Configuration.load(Manifests.settings("production"), environment);
    }

    private Topics topics(EmbeddedBroker broker, ScriptedExchanger exchanger) {
        return settings("postroad-ingress", broker, exchanger).topics(Topics.Size.CLUSTER);
    }

    private Node node(Node.Part part, EmbeddedBroker broker, ScriptedExchanger exchanger) throws IOException {
        String name = "postroad-" + Ascii.lower(part.name());
        return Node.role(part, settings(name, broker, exchanger), directory.resolve("data"));
    }

    private static Terms balanced(KafkaSettings kafka, Topics topics) throws Exception {
        try (Cluster cluster = new Cluster(kafka, topics)) {
            long begunAt = System.nanoTime();
            while (true) {
                Terms terms = new Ledger(cluster, new KnownSchemas(), read -> {})
                        .balance()
                        .terms();
                if (terms.isBalanced() && terms.inFlight() == 0 && terms.delivered() > 0) {
                    return terms;
                }
                pause(begunAt);
            }
        }
    }

    private static void pause(long begunAt) throws InterruptedException {
        assertThat(System.nanoTime() - begunAt).isLessThan(PATIENCE.toNanos());
        new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
    }
}
