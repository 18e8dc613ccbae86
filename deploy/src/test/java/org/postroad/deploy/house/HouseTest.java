package org.postroad.deploy.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The style of the house, for every module, as far as a machine can see it. */
class HouseTest {
    private static final int LONGEST_FILE = 400;
    private static final int LONGEST_LINE = 140;
    private static final int LONGEST_METHOD = 40;
    private static final int WIDEST_CONSTRUCTOR = 9;

    /** Everything else keeps its state on one thread. */
    private static final Map<String, String> SHARED_STATE = Map.ofEntries(
            Map.entry(
                    "ingress/.../JsonMemory",
                    "requests in JSON share one memory, or the largest would fit no loop of many"),
            Map.entry("deliverer/.../Lease", "written by the poller, read by every event loop for each final dot"),
            Map.entry("deliverer/.../AddressLimits", "an exchanger is to see one limit, whichever loops connect to it"),
            Map.entry("deliverer/.../AddressFamilies", "a host's way out is the same for all its event loops"),
            Map.entry("deliverer/.../Chunk", "unpacked once for the event loops of all who want it"),
            Map.entry(
                    "router/.../CurrentPlan",
                    "replaced by the reader of the control topic, used by every stream thread"),
            Map.entry("ingress/.../Certificates", "read again on one thread, shown by every event loop"),
            Map.entry("ingress/.../ClientAuthorities", "read again on one thread, asked by every event loop"),
            Map.entry("ingress/.../UsersFile", "read again on one thread, asked by every event loop"),
            Map.entry("ingress/.../ProtocolLog", "operators switch it for all event loops of a node at once"),
            Map.entry("ingress/.../KafkaOutage", "every event loop of a node tells of it, and one line is enough"),
            Map.entry(
                    "ingress/.../BrokerDisks", "asked for on one thread, what came of it is read by every event loop"),
            Map.entry("ingress/.../HookOutage", "every event loop of a node tells of it, and one line is enough"),
            Map.entry("ingress/.../Rates", "a client's sessions are on any event loop"),
            Map.entry("ingress/.../StickyPartition", "all event loops of a node write to one partition"),
            Map.entry("deploy/.../DemoLoad", "the demo's client threads count together"),
            Map.entry("testkit/.../BrokerFaults", "told by Kafka's threads, asked by the test's"),
            Map.entry("testkit/.../ExchangerLedger", "several event loops count together"),
            Map.entry("testkit/.../ExchangerCertificate", "made once, on first use"),
            Map.entry("testkit/.../ManualClock", "moved by the test, read by what it tests"),
            Map.entry("testkit/.../ScriptedExchanger", "the script is changed while its event loops run"),
            Map.entry("testkit/.../ZoneDns", "the zone is changed while it is asked"));

    private static final Map<String, String> LONG_METHODS = Map.of(
            "deliverer/.../Deliverer", "where its threads and all they share are put together",
            "testkit/.../ContentScanner", "one table of states and octets",
            "testkit/.../ZoneDns", "one switch over the types of records",
            "testkit/.../ExchangerCertificate", "a certificate written field by field, in the order of RFC 5280",
            "deploy/.../IngressKeys", "a table of keys",
            "deploy/.../LimitKeys", "a table of keys");

    /** What a virtual clock does not move, and what no seed decides. */
    private static final String REAL =
            "System\\.nanoTime|systemTicker\\(|Clock\\.system|orTimeout\\(|completeOnTimeout\\("
                    + "|delayedExecutor\\(|ScheduledExecutor|HashedWheelTimer|new Timer\\(|Executors\\.|parkNanos"
                    + "|ThreadLocalRandom|Math\\.random|new (Splittable|Secure)?Random\\(\\)|Random::new";

    /** Where the deliverer is put together. */
    private static final Map<String, String> REAL_IS_KNOWN_TO = Map.of(
            "deliverer/.../Deliverer", "gives its clock and its ticker to all that it builds",
            "deliverer/.../Destinations", "gives each event loop a source of chance");

    private static final List<SourceFile> SOURCES = SourceFile.ofAllModules();
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.postroad");

    @Test
    void rolesNeverSeeEachOther() {
        for (String role : List.of("ingress", "router", "deliverer")) {
            String[] others = List.of("ingress", "router", "deliverer").stream()
                    .filter(other -> !other.equals(role))
                    .map(other -> "org.postroad." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("org.postroad." + role + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(CLASSES);
        }
    }

    @Test
    void whatIsSharedKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("org.postroad.schemas..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.postroad.ingress..",
                        "org.postroad.router..",
                        "org.postroad.deliverer..",
                        "org.postroad.deploy..")
                .check(CLASSES);
    }

    @Test
    void rolesKnowNeitherTheDistributionNorTheTestkit() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.postroad.schemas..",
                        "org.postroad.ingress..",
                        "org.postroad.router..",
                        "org.postroad.deliverer..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.postroad.deploy..", "org.postroad.broker..", "org.postroad.testkit..")
                .check(CLASSES);
    }

    /** So that each can be read and tested without those that use it. */
    @Test
    void noPackagesNeedEachOther() {
        slices().matching("org.postroad.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheBrokersPackageKnowsTheBroker() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.postroad.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "kafka..",
                        "org.apache.kafka.server..",
                        "org.apache.kafka.metadata..",
                        "org.apache.kafka.raft..")
                .check(CLASSES);
    }

    @Test
    void nobodySleeps() {
        assertThat(where("Thread\\.sleep|TimeUnit\\.\\w+\\.sleep", file -> true))
                .isEmpty();
    }

    @Test
    void timeIsAnArgument() {
        assertThat(where(
                        "Instant\\.now\\(|LocalDateTime\\.now\\(|currentTimeMillis\\(|new Date\\(\\)",
                        SourceFile::isMain))
                .isEmpty();
    }

    /** It hands on what it is given, so that a simulation may move its time and repeat its chance. */
    @Test
    void theDelivererKnowsNoTimeAndNoChanceOfItsOwn() {
        assertThat(where(
                        REAL,
                        file -> file.isMain()
                                && file.module().equals("deliverer")
                                && !REAL_IS_KNOWN_TO.containsKey(file.name())))
                .isEmpty();
        assertThat(REAL_IS_KNOWN_TO.keySet())
                .as("names on the list that need not be there")
                .allMatch(name -> SOURCES.stream()
                        .anyMatch(file -> file.name().equals(name)
                                && !file.linesWith(REAL).isEmpty()));
    }

    @Test
    void onlyLettersOfAsciiHaveCaseInAProtocol() {
        assertThat(where(
                        "equalsIgnoreCase\\(|regionMatches\\(true|\\.to(Upper|Lower)Case\\(|UNICODE_CASE",
                        file -> file.isMain() && !file.module().equals("testkit")))
                .isEmpty();
    }

    @Test
    void commandsAreSetApartBySpacesOfAsciiAlone() {
        assertThat(where(
                        "\\.strip(Leading|Trailing)?\\(\\)|\\.trim\\(\\)|isWhitespace\\(|isBlank\\(",
                        file -> file.isMain() && file.module().equals("ingress")))
                .isEmpty();
    }

    @Test
    void nobodyPrintsPastThePrinter() {
        assertThat(where("System\\.(out|err)\\b|printStackTrace\\(", SourceFile::isMain))
                .isEmpty();
    }

    @Test
    void stateIsSharedOnlyWhereThisListSaysWhy() {
        String shared =
                "\\bsynchronized\\b|\\bvolatile\\b|\\bAtomic[A-Z]|\\b(Reentrant|Stamped)\\w*Lock\\b|\\bLongAdder\\b";
        assertThat(where(shared, file -> file.isMain() && !SHARED_STATE.containsKey(file.name())))
                .isEmpty();
        assertThat(SHARED_STATE.keySet())
                .as("names on the list that need not be there")
                .allMatch(name -> SOURCES.stream()
                        .anyMatch(file -> file.name().equals(name)
                                && !file.linesWith(shared).isEmpty()));
    }

    @Test
    void nothingIsLeftUndone() {
        assertThat(where("TO" + "DO|FIX" + "ME|XXX\\b|@Disabled|@Ignore\\b|Mockito", file -> true))
                .isEmpty();
    }

    @Test
    void namesAreNounsOfTheDomain() {
        Pattern banned = Pattern.compile(
                ".*(Manager|Helper|Helpers|Util|Utils|Impl|Base|Data|Info|Wrapper|Service|Common)|Abstract.*");
        assertThat(SOURCES.stream().map(SourceFile::type).filter(type -> banned.matcher(type)
                        .matches()))
                .isEmpty();
    }

    @Test
    void filesAndLinesCanBeRead() {
        assertThat(SOURCES.stream()
                        .filter(file -> file.lines().size() > LONGEST_FILE)
                        .map(SourceFile::name))
                .isEmpty();
        assertThat(where(".{" + (LONGEST_LINE + 1) + ",}", file -> true)).isEmpty();
    }

    @Test
    void methodsAreSeenAtOnce() {
        assertThat(SOURCES.stream()
                        .filter(file -> file.isMain() && !LONG_METHODS.containsKey(file.name()))
                        .flatMap(file -> file.methodsLongerThan(LONGEST_METHOD).stream()))
                .isEmpty();
        assertThat(LONG_METHODS.keySet())
                .as("names on the list that need not be there")
                .allMatch(name -> SOURCES.stream()
                        .anyMatch(file -> file.name().equals(name)
                                && !file.methodsLongerThan(LONGEST_METHOD).isEmpty()));
    }

    /** A record is a row of values; whatever else needs this many things is more than one idea. */
    @Test
    void constructorsAskForFewThings() {
        assertThat(CLASSES.stream()
                        .filter(type -> !type.isRecord())
                        .filter(type -> !type.isAssignableTo("org.apache.avro.specific.SpecificRecordBase"))
                        .flatMap(type -> type.getConstructors().stream())
                        .filter(made -> made.getRawParameterTypes().size() > WIDEST_CONSTRUCTOR)
                        .map(made -> made.getFullName()))
                .isEmpty();
    }

    @Test
    void everyTypeSaysWhatItIs() {
        assertThat(SOURCES.stream()
                        .filter(SourceFile::isMain)
                        .filter(file -> !file.type().equals("package-info"))
                        .filter(file -> !file.isDocumented())
                        .map(SourceFile::name))
                .isEmpty();
    }

    @Test
    void everyModuleWasLookedAt() {
        assertThat(SOURCES.stream().map(SourceFile::module).distinct())
                .contains("schemas", "ingress", "router", "deliverer", "deploy", "testkit");
    }

    private static List<String> where(String pattern, java.util.function.Predicate<SourceFile> which) {
        return SOURCES.stream()
                .filter(which)
                .filter(file -> !file.type().equals("HouseTest"))
                .flatMap(file -> file.linesWith(pattern).stream())
                .toList();
    }
}
