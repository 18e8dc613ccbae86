package org.postroad.deploy.command;

import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;

/** Deferred mail is tried now. */
@Command(
        name = "flush",
        mixinStandardHelpOptions = true,
        description = {
            "Tries mail that waits for its next attempt now, as much as waits when this is said.",
            "Mail that may have arrived already, and mail whose sender wants it to be sent later, keeps its time.",
            "Said again, it finds what has come since."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad flush --destination example.org --dry-run")
final class FlushCommand extends JobCommand {
    FlushCommand() {
        super(Job.Action.FLUSH, Jobs.Place.RETRY, KafkaUser.FLUSH, KafkaUser.FLUSH_DRY_RUN);
    }

    @Override
    String done() {
        return "flushed";
    }
}
