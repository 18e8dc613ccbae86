package org.postroad.deploy.command;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.RightsCheck;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The topics of a cluster. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "create|check",
        description = "Makes the topics, or says where they are weaker than mail needs.",
        footerHeading = "%nExample:%n",
        footer = "  postroad topics create --config /etc/postroad/postroad.yaml")
final class TopicsCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(
                Objects.requireNonNull(spec).commandLine(), "create or check is needed");
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Makes what is missing and commits each group's first offsets. Partition counts are for ever.",
                "A group without offsets on a topic that holds mail is left alone: to start it at the end would lose that"
                        + " mail, at the beginning might send it twice. Decide, and set them with Kafka's own"
                        + " kafka-consumer-groups --reset-offsets."
            },
            footerHeading = "%nExample:%n",
            footer = "  postroad topics create --config /etc/postroad/postroad.yaml")
    int create(
            @Mixin ConfigOption config,
            @Option(names = "--json", description = "Prints {\"created\": [...]}.") boolean json) {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        List<String> created = withTopics(config.load(), KafkaUser.TOPICS_CREATE, TopicAdmin::create);
        if (json) {
            printer.json(Map.of("created", created));
        } else {
            created.forEach(name -> printer.line("created " + name));
            printer.line(created.isEmpty() ? "all topics were there" : created.size() + " topics created");
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Says what stops a node from starting; exit code 2 when anything does. Advice about brokers stops nobody.",
            footerHeading = "%nExample:%n",
            footer = "  postroad topics check --json")
    int check(
            @Mixin ConfigOption config,
            @Option(names = "--json", description = "Prints {\"problems\": [...], \"advice\": [...]}.") boolean json) {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        return withTopics(config.load(), KafkaUser.TOPICS_CHECK, admin -> {
            List<String> problems = admin.check();
            List<String> advice = admin.advice();
            if (json) {
                printer.json(Map.of("problems", problems, "advice", advice));
            } else {
                problems.forEach(printer::line);
                advice.forEach(line -> printer.line("advice: " + line));
            }
            if (problems.isEmpty() && !json) {
                printer.line("ok");
            }
            return problems.isEmpty() ? ExitCode.DONE : ExitCode.USAGE;
        });
    }

    private static <T> T withTopics(Configuration configuration, KafkaUser user, Function<TopicAdmin, T> work) {
        KafkaSettings kafka = configuration.kafka();
        Topics topics = configuration.topics(Topics.Size.CLUSTER);
        return RightsCheck.within(kafka, topics, user, () -> {
            try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
                return work.apply(admin);
            }
        });
    }
}
