package org.postroad.deploy.command;

import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;

/** Waiting mail is given up, and nobody is told. */
@Command(
        name = "drop",
        mixinStandardHelpOptions = true,
        description = {
            "Gives up mail that waits for its next attempt or is held, as much as waits when this is said.",
            "Nobody is told. It lies on the failed topic then, from where it can be replayed."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad drop --user leaked-login --since 2h --dry-run")
final class DropCommand extends JobCommand {
    DropCommand() {
        super(Job.Action.DROP, Jobs.Place.BOTH, KafkaUser.DROP, KafkaUser.DROP_DRY_RUN);
    }

    @Override
    String done() {
        return "dropped";
    }
}
