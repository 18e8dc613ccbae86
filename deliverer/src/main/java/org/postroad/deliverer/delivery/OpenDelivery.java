package org.postroad.deliverer.delivery;

import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Delivery;

/**
 * A delivery this node has to finish: its place on the outbound topic, under the assignment that brought it.
 *
 * @param assignment counts this node's assignments of the partition; a completion of an earlier one is dropped
 * @param octets what it occupies in memory while open, referenced content not counted
 */
public record OpenDelivery(TopicPartition partition, long assignment, long offset, int octets, Delivery delivery) {}
