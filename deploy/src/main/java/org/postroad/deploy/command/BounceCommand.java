package org.postroad.deploy.command;

import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;

/** Waiting mail is given up, and its senders are told. */
@Command(
        name = "bounce",
        mixinStandardHelpOptions = true,
        description = {
            "Gives up mail that waits for its next attempt or is held, as much as waits when this is said.",
            "Its senders are told, with --reason. It lies on the failed topic then, from where it can be replayed."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad bounce --domain example.org --reason \"the domain has moved\" --dry-run")
final class BounceCommand extends JobCommand {
    BounceCommand() {
        super(Job.Action.BOUNCE, Jobs.Place.BOTH, KafkaUser.BOUNCE, KafkaUser.BOUNCE_DRY_RUN);
    }

    @Override
    String done() {
        return "bounced";
    }
}
