package org.postroad.schemas;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The table of rights: the least that each role and command needs, and nothing that it never asks for.
 *
 * <p>Read, Write and Delete imply Describe of the same resource, so that is named only where nothing else is needed. No role may
 * delete what another reads, and none needs a right on the whole cluster: an idempotent producer is let in where it may write to any
 * topic.
 */
public final class Rights {
    private final Topics topics;
    private final List<Right> all = new ArrayList<>();

    private Rights(Topics topics) {
        this.topics = topics;
    }

    /** What a user needs on these topics, their groups and their transactional ids. */
    public static List<Right> of(KafkaUser user, Topics topics) {
        Rights rights = new Rights(topics);
        switch (user) {
            case INGRESS -> rights.ofIngress();
            case ROUTER -> rights.ofRouter();
            case DELIVERER -> rights.ofDeliverer();
            case OBSERVER -> rights.on(READ, topics.events());
            case TOPICS_CREATE -> rights.ofTopicsCreate();
            case TOPICS_CHECK -> rights.ofCheck();
            case TRACE -> rights.ofReaders();
            case LEDGER -> rights.ofLedger();
            case REPLAY -> rights.ofReplay();
            case REPLAY_DRY_RUN -> rights.ofDryRun();
            case FLUSH -> rights.ofFlush(true);
            case FLUSH_DRY_RUN -> rights.ofFlush(false);
            case RELEASE -> rights.ofRelease(true);
            case RELEASE_DRY_RUN -> rights.ofRelease(false);
            case REPLAY_WAITING, BOUNCE, DROP -> rights.ofJobAnywhere(true);
            case REPLAY_WAITING_DRY_RUN, BOUNCE_DRY_RUN, DROP_DRY_RUN -> rights.ofJobAnywhere(false);
            case JOBS -> rights.ofJob(false);
            case JOB_CANCEL -> rights.ofJob(true);
            case POLICY_LIST -> rights.on(READ, topics.control());
            case POLICY_SET, POLICY_UNSET -> rights.ofPolicyChange();
        }
        return List.copyOf(rights.all);
    }

    private void ofIngress() {
        ofNode();
        on(READ, topics.quotas(), topics.requests());
        on(WRITE, topics.inbound(), topics.content(), topics.quotas(), topics.requests());
        all.add(Right.ofCluster(DESCRIBE)); // how full the disks are
    }

    private void ofRouter() {
        ofNode();
        on(READ, topics.inbound(), topics.again(), topics.failed(), topics.parkedChangelog());
        on(WRITE, topics.outbound(), topics.again(), topics.events(), topics.rejects(), topics.parkedChangelog());
        on(DELETE, topics.inbound(), topics.again());
        group(READ, topics.routerGroup());
        topics.routerTransactions().forEach(this::writeTransactions);
    }

    private void ofDeliverer() {
        ofNode();
        on(READ, topics.outbound(), topics.content(), topics.held());
        on(WRITE, topics.again(), topics.events(), topics.failed(), topics.held(), topics.rejects());
        on(DELETE, topics.outbound(), topics.held());
        all.add(Right.optional(
                READ, ResourceType.TOPIC, topics.events().name())); // to bring the ledger's balance forward
        for (AclOperation operation : List.of(READ, WRITE, DELETE)) {
            topicsFrom(operation, topics.retryPrefix());
        }
        group(READ, topics.delivererGroup());
        group(READ, topics.retryGroup());
        topics.delivererTransactions().forEach(this::writeTransactions);
    }

    /** A start checks all topics and groups, publishes schemas, and later how far each reader is behind is measured. */
    private void ofNode() {
        ofCheck();
        on(READ, topics.control());
        on(WRITE, topics.control());
    }

    private void ofCheck() {
        topicsFrom(DESCRIBE, topics.prefix());
        topicsFrom(DESCRIBE_CONFIGS, topics.prefix());
        describeGroups();
        all.add(Right.describeBrokers());
    }

    /** To commit a group's first offset takes Read of the group and of what it reads. */
    private void ofTopicsCreate() {
        topicsFrom(CREATE, topics.prefix());
        topicsFrom(DESCRIBE, topics.prefix());
        on(READ, topics.inbound(), topics.again(), topics.failed(), topics.outbound(), topics.held());
        topicsFrom(READ, topics.retryPrefix());
        topics.groups().forEach(reads -> group(READ, reads.group()));
    }

    private void ofReaders() {
        topicsFrom(DESCRIBE, topics.prefix());
        on(READ, topics.inbound(), topics.again(), topics.outbound(), topics.held(), topics.events(), topics.control());
        on(READ, topics.parkedChangelog());
        topicsFrom(READ, topics.retryPrefix());
        describeGroups();
    }

    /** Its balance may be brought forward by nodes alone. */
    private void ofLedger() {
        ofReaders();
        all.add(Right.optional(WRITE, ResourceType.TOPIC, topics.control().name()));
    }

    private void ofReplay() {
        ofDryRun();
        on(WRITE, topics.again(), topics.events());
        all.add(Right.literal(WRITE, ResourceType.TRANSACTIONAL_ID, topics.transactionalId("replay")));
    }

    private void ofDryRun() {
        on(READ, topics.failed(), topics.events());
    }

    private void ofFlush(boolean issued) {
        ofJob(issued);
        topicsFrom(READ, topics.retryPrefix());
    }

    private void ofRelease(boolean issued) {
        ofJob(issued);
        on(READ, topics.held());
    }

    private void ofJobAnywhere(boolean issued) {
        ofFlush(issued);
        on(READ, topics.held());
    }

    /** A dry run or a limit reads which mail is meant; the mail itself the deliverers move. */
    private void ofJob(boolean issued) {
        topicsFrom(DESCRIBE, topics.prefix());
        on(READ, topics.control());
        if (issued) {
            on(WRITE, topics.control());
        }
        describeGroups();
    }

    private void ofPolicyChange() {
        on(READ, topics.control());
        on(WRITE, topics.control());
    }

    private void describeGroups() {
        all.add(Right.prefixed(DESCRIBE, ResourceType.GROUP, topics.prefix()));
    }

    private void on(AclOperation operation, Topic... named) {
        for (Topic topic : named) {
            all.add(Right.literal(operation, ResourceType.TOPIC, topic.name()));
        }
    }

    private void topicsFrom(AclOperation operation, String prefix) {
        all.add(Right.prefixed(operation, ResourceType.TOPIC, prefix));
    }

    private void group(AclOperation operation, String group) {
        all.add(Right.literal(operation, ResourceType.GROUP, group));
    }

    private void writeTransactions(String prefix) {
        all.add(Right.prefixed(WRITE, ResourceType.TRANSACTIONAL_ID, prefix));
    }
}
