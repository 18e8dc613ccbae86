package org.postroad.deploy.command;

import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;

/** Held mail goes on. */
@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        description = {
            "Lets held mail go on, as much as is held when this is said: it is routed afresh and tried at once.",
            "Said again, it finds what was held since."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad release --destination example.org --dry-run")
final class ReleaseCommand extends JobCommand {
    ReleaseCommand() {
        super(Job.Action.RELEASE, Jobs.Place.HELD, KafkaUser.RELEASE, KafkaUser.RELEASE_DRY_RUN);
    }

    @Override
    String done() {
        return "released";
    }
}
