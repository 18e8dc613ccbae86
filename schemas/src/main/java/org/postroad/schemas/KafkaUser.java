package org.postroad.schemas;

/** Who talks to Kafka: each role and each command that asks a cluster, with rights of its own in {@link Rights}. */
public enum KafkaUser {
    INGRESS("ingress"),
    ROUTER("router"),
    DELIVERER("deliverer"),
    OBSERVER("observer"),
    TOPICS_CREATE("topics create"),
    TOPICS_CHECK("topics check"),
    TRACE("trace"),
    LEDGER("ledger"),
    REPLAY("replay"),
    REPLAY_DRY_RUN("replay --dry-run"),
    REPLAY_WAITING("replay --from retry"),
    REPLAY_WAITING_DRY_RUN("replay --from retry --dry-run"),
    FLUSH("flush"),
    FLUSH_DRY_RUN("flush --dry-run"),
    RELEASE("release"),
    RELEASE_DRY_RUN("release --dry-run"),
    BOUNCE("bounce"),
    BOUNCE_DRY_RUN("bounce --dry-run"),
    DROP("drop"),
    DROP_DRY_RUN("drop --dry-run"),
    JOBS("jobs"),
    JOB_CANCEL("job --cancel"),
    POLICY_LIST("policy list"),
    POLICY_SET("policy set"),
    POLICY_UNSET("policy unset");

    private final String command;

    KafkaUser(String command) {
        this.command = command;
    }

    /** How the command line names it. */
    public String command() {
        return command;
    }
}
