package org.postroad.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * Which of the rights that a user needs the cluster does not grant.
 *
 * <p>A cluster tells of each topic and group what the asker may do with it. It does not tell of topics and groups that are still to be
 * made, nor of transactional ids: those rights are missed only when they are used, and {@link #explained} names them then.
 */
public final class RightsCheck implements AutoCloseable {
    private final KafkaSettings kafka;
    private final Topics topics;
    private final List<Right> needed;
    private final Admin admin;

    private RightsCheck(KafkaSettings kafka, Topics topics, KafkaUser user) {
        this.kafka = kafka;
        this.topics = topics;
        this.needed = Rights.of(user, topics).stream()
                .filter(right -> !right.optional())
                .toList();
        this.admin = Admin.create(kafka.admin("postroad-rights"));
    }

    /**
     * Does some work for a user.
     *
     * @throws RefusedException before it or out of it, naming every right that is missing as far as that can be known
     * @throws UnreachableException when no broker answers
     */
    public static <T> T within(KafkaSettings kafka, Topics topics, KafkaUser user, Supplier<T> work) {
        require(kafka, topics, user);
        try {
            return work.get();
        } catch (RuntimeException e) {
            throw explained(e, kafka, topics, user);
        }
    }

    /** Throws {@link RefusedException}, naming them, unless all rights that can be asked for are there; blocks for 10 s at most. */
    public static void require(KafkaSettings kafka, Topics topics, KafkaUser user) {
        try (RightsCheck check = new RightsCheck(kafka, topics, user)) {
            Set<String> missing = check.missing();
            if (!missing.isEmpty()) {
                throw new RefusedException(line(missing));
            }
        }
    }

    /** What is thrown for a failure: if Kafka refused something, a {@link RefusedException} that names the right. */
    public static RuntimeException explained(
            RuntimeException failure, KafkaSettings kafka, Topics topics, KafkaUser user) {
        AuthorizationException refusal = Refusal.in(failure);
        return refusal == null || failure instanceof RefusedException ? failure : refused(refusal, kafka, topics, user);
    }

    /** The same of a refusal that ended a role. */
    public static RefusedException refused(
            AuthorizationException refusal, KafkaSettings kafka, Topics topics, KafkaUser user) {
        try (RightsCheck check = new RightsCheck(kafka, topics, user)) {
            Set<String> missing = check.missing();
            return new RefusedException(missing.isEmpty() ? check.line(refusal) : line(missing), refusal);
        } catch (KafkaException | UnreachableException notTold) {
            return new RefusedException("Kafka refuses: " + refusal.getMessage(), refusal);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private static String line(Collection<String> missing) {
        return "Kafka does not grant " + String.join(", nor ", missing);
    }

    private String line(AuthorizationException refusal) {
        Set<String> suspected = suspectedBy(refusal);
        return "Kafka refuses: " + refusal.getMessage()
                + (suspected.isEmpty() ? "" : "; it takes " + String.join(", ", suspected));
    }

    /** Asks of those topics and groups alone that a right speaks of. */
    private Set<String> missing() {
        Map<String, KafkaFuture<Set<AclOperation>>> ofTopics = new HashMap<>();
        admin.describeTopics(
                        needed(ResourceType.TOPIC, topics.all().stream().map(Topic::name)),
                        new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues()
                .forEach((name, found) -> ofTopics.put(name, found.thenApply(TopicDescription::authorizedOperations)));
        Map<String, KafkaFuture<Set<AclOperation>>> ofGroups = new HashMap<>();
        admin.describeConsumerGroups(
                        needed(ResourceType.GROUP, topics.groups().stream().map(Topics.GroupReads::group)),
                        new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                .describedGroups()
                .forEach((name, found) ->
                        ofGroups.put(name, found.thenApply(ConsumerGroupDescription::authorizedOperations)));
        Set<String> missing = new LinkedHashSet<>();
        add(missing, ResourceType.TOPIC, granted(ofTopics));
        add(missing, ResourceType.GROUP, granted(ofGroups));
        return missing;
    }

    private List<String> needed(ResourceType type, Stream<String> names) {
        return names.filter(name -> needed.stream().anyMatch(right -> right.covers(type, name)))
                .toList();
    }

    /** Of each resource what may be done with it; without those of which that is not told. */
    private Map<String, Set<AclOperation>> granted(Map<String, KafkaFuture<Set<AclOperation>>> asked) {
        Map<String, Set<AclOperation>> granted = new HashMap<>();
        asked.forEach((name, answer) -> {
            Set<AclOperation> operations = operations(answer);
            if (operations != null) {
                granted.put(name, operations);
            }
        });
        return granted;
    }

    private @Nullable Set<AclOperation> operations(KafkaFuture<Set<AclOperation>> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return Set.of();
            }
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException timeout) {
                throw new UnreachableException("no Kafka at " + kafka.bootstrapServers(), timeout);
            }
            if (e.getCause() instanceof org.apache.kafka.common.errors.AuthenticationException unknownUser) {
                throw unknownUser;
            }
            return null; // it is not there, or the brokers are too old to tell
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while asking " + kafka.bootstrapServers(), e);
        }
    }

    private void add(Set<String> missing, ResourceType type, Map<String, Set<AclOperation>> granted) {
        for (Right right : needed) {
            List<String> its = granted.keySet().stream()
                    .filter(name -> right.covers(type, name))
                    .sorted()
                    .toList();
            List<String> without = its.stream()
                    .filter(name -> !granted.getOrDefault(name, Set.of()).contains(right.operation()))
                    .toList();
            if (!without.isEmpty() && without.size() == its.size()) {
                missing.add(right.text());
            } else {
                without.forEach(name -> missing.add(right.text(name)));
            }
        }
    }

    /** Rights on what a refusal names, which may have been missing when it came. */
    private Set<String> suspectedBy(AuthorizationException refusal) {
        List<String> names = new ArrayList<>();
        ResourceType type = ResourceType.UNKNOWN;
        if (refusal instanceof TopicAuthorizationException ofTopics) {
            type = ResourceType.TOPIC;
            names.addAll(ofTopics.unauthorizedTopics());
        } else if (refusal instanceof GroupAuthorizationException ofGroup && ofGroup.groupId() != null) {
            type = ResourceType.GROUP;
            names.add(ofGroup.groupId());
        } else if (refusal instanceof TransactionalIdAuthorizationException) {
            return needed.stream()
                    .filter(right -> right.on().resourceType() == ResourceType.TRANSACTIONAL_ID)
                    .map(Right::text)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }
        ResourceType its = type;
        return names.stream()
                .sorted()
                .flatMap(name ->
                        needed.stream().filter(right -> right.covers(its, name)).map(right -> right.text(name)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
