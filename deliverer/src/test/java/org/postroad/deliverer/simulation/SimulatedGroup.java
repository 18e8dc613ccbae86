package org.postroad.deliverer.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group with the classic protocol and a cooperative sticky assignment: what moves is given up by its owner first, and given
 * to another in the next generation.
 */
final class SimulatedGroup {
    /** Who is told; in its own time. */
    interface Member {
        String id();

        void assigned(List<TopicPartition> fresh, int generation);

        /**
         * Some go to another.
         *
         * @param gone to be run when it has given them up
         */
        void leaving(List<TopicPartition> some, int generation, Runnable gone);
    }

    private final List<TopicPartition> partitions;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<TopicPartition, String> owners = new HashMap<>();
    private final Map<TopicPartition, Long> ownedSince = new HashMap<>();
    private final Set<String> leaving = new LinkedHashSet<>();
    private final World world;
    private BiConsumer<String, TopicPartition> givenUp = (member, partition) -> {};
    private int generation;

    SimulatedGroup(World world, List<TopicPartition> partitions) {
        this.world = world;
        this.partitions = partitions;
    }

    /** Who hears what a member has given up because it was asked to. */
    void whenGivenUp(BiConsumer<String, TopicPartition> hears) {
        givenUp = hears;
    }

    List<TopicPartition> partitions() {
        return partitions;
    }

    void join(Member member) {
        members.put(member.id(), member);
        rebalance();
    }

    /** It has left, or was not heard of for a session; it may not know it. */
    void leave(String id) {
        if (members.remove(id) != null) {
            partitions.stream().filter(one -> id.equals(owners.get(one))).forEach(this::free);
            leaving.remove(id);
            rebalance();
        }
    }

    boolean isMember(String id) {
        return members.containsKey(id);
    }

    /** Whether something may be committed under this membership. */
    boolean accepts(ConsumerGroupMetadata group) {
        return members.containsKey(group.memberId()) && group.generationId() == generation;
    }

    @SuppressWarnings("removal") // otherwise only a consumer that has joined a group gives one
    ConsumerGroupMetadata metadata(String id, int of) {
        return new ConsumerGroupMetadata("group", of, id, java.util.Optional.empty());
    }

    @Nullable
    String ownerOf(TopicPartition partition) {
        return owners.get(partition);
    }

    boolean hasOwnedSince(String id, TopicPartition partition, long since) {
        return id.equals(owners.get(partition)) && ownedSince.getOrDefault(partition, Long.MAX_VALUE) <= since;
    }

    private List<TopicPartition> ownedBy(String id) {
        return partitions.stream().filter(one -> id.equals(owners.get(one))).toList();
    }

    private void free(TopicPartition partition) {
        owners.remove(partition);
        ownedSince.remove(partition);
    }

    private void rebalance() {
        if (!leaving.isEmpty()) {
            return;
        }
        generation++;
        int of = generation;
        Map<TopicPartition, String> target = target();
        for (Member member : List.copyOf(members.values())) {
            List<TopicPartition> gives = ownedBy(member.id()).stream()
                    .filter(one -> !member.id().equals(target.get(one)))
                    .toList();
            List<TopicPartition> gets = partitions.stream()
                    .filter(one -> member.id().equals(target.get(one)) && owners.get(one) == null)
                    .toList();
            gets.forEach(one -> {
                owners.put(one, member.id());
                ownedSince.put(one, world.now());
            });
            member.assigned(gets, of);
            if (!gives.isEmpty()) {
                leaving.add(member.id());
                member.leaving(gives, of, () -> gone(member.id(), of, gives));
            }
        }
    }

    private void gone(String id, int of, List<TopicPartition> gave) {
        if (of == generation && leaving.remove(id)) {
            gave.stream().filter(one -> id.equals(owners.get(one))).forEach(one -> {
                givenUp.accept(id, one);
                free(one);
            });
            if (leaving.isEmpty()) {
                rebalance();
            }
        }
    }

    private Map<TopicPartition, String> target() {
        Map<TopicPartition, String> target = new HashMap<>();
        if (members.isEmpty()) {
            return target;
        }
        int most = (partitions.size() + members.size() - 1) / members.size();
        Map<String, Integer> counts = new HashMap<>();
        List<TopicPartition> free = new ArrayList<>();
        for (TopicPartition one : partitions) {
            String owner = owners.get(one);
            if (owner != null && members.containsKey(owner) && counts.getOrDefault(owner, 0) < most) {
                target.put(one, owner);
                counts.merge(owner, 1, Integer::sum);
            } else {
                free.add(one);
            }
        }
        for (TopicPartition one : free) {
            String least = members.keySet().stream()
                    .min(java.util.Comparator.comparingInt(id -> counts.getOrDefault(id, 0)))
                    .orElseThrow();
            target.put(one, least);
            counts.merge(least, 1, Integer::sum);
        }
        return target;
    }
}
