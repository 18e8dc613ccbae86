/**
 * Kafka in this process, for {@code standalone} and the demo, and as three processes for tests of a cluster; nobody else names its classes.
 */
@NullMarked
package org.postroad.broker;

import org.jspecify.annotations.NullMarked;
