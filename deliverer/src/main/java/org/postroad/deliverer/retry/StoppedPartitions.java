package org.postroad.deliverer.retry;

import io.prometheus.client.Gauge;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions of waiting mail of which nothing leaves, since nobody knows what some job has taken there: a gauge, and a line in the log
 * whenever that changes. Confined to the retry reader's thread.
 */
final class StoppedPartitions {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedPartitions.class);

    private final Gauge count;
    private Map<String, List<String>> said = Map.of();

    StoppedPartitions(Gauge count) {
        this.count = count;
    }

    /**
     * Those that there are now.
     *
     * @param jobs of each the jobs that are not known
     * @return whether that is news
     */
    boolean are(Map<String, List<String>> jobs) {
        if (jobs.equals(said)) {
            return false;
        }
        said = new TreeMap<>(jobs);
        count.set(said.size());
        if (said.isEmpty()) {
            LOG.atInfo().log("it is known what the jobs have taken: mail leaves again");
        } else {
            LOG.atError()
                    .addKeyValue("jobs", said)
                    .log(
                            "nothing leaves before it is known what these jobs have taken: they are not on the control topic");
        }
        return true;
    }
}
