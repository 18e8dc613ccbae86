package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.RecoveryNotice;

/**
 * Which waiting mail of one partition was released before it was due, and which is to be: pure.
 *
 * <p>What was released is never listed: all records of a destination below an offset have left, and the destinations with these
 * offsets are the metadata of the committed mark, so they move in the transaction that releases. The mark passes over them later.
 *
 * <p>Records are looked at in passes from the mark on, for all destinations that recovered lately together. One that was looked at is
 * released, or ends its destination's part of the pass, so that nothing is left behind below an offset.
 */
public final class EarlyReleases {
    /** Destinations that are remembered as recovered; the mail of more waits until it is due. */
    static final int RECOVERED = 2_000;

    /** Of the 4,096 that brokers allow by default ({@code offset.metadata.max.bytes}), without what jobs have done. */
    static final int METADATA_LIMIT = 4_000 - JobShares.ROOM;

    private static final String FORM = "early1";
    private static final int OFFSET_DIGITS = 19;

    /** Begins a word about a job, and no escaped destination. */
    private static final char JOB = ':';

    private static final class Recovered {
        private final long sinceMillis;
        private long saidMillis;
        private int left;
        private long scannedTo;
        private boolean done;

        Recovered(RecoveryNotice notice) {
            this.sinceMillis = notice.sinceMillis();
            this.saidMillis = notice.atMillis();
            this.left = notice.records();
        }
    }

    private final Map<String, Long> releasedBelow = new TreeMap<>();
    private final Map<String, Recovered> recovered = new LinkedHashMap<>();
    private final Set<String> pass = new HashSet<>();

    private EarlyReleases() {}

    /**
     * What was committed with a mark.
     *
     * @param metadata null or empty for nothing; what belongs to another mark, or is no such metadata, says nothing
     */
    public static EarlyReleases of(long mark, @Nullable String metadata) {
        EarlyReleases found = new EarlyReleases();
        Map<String, Long> all = new HashMap<>();
        try {
            for (String word : words(mark, metadata)) {
                if (word.charAt(0) != JOB) {
                    int at = word.lastIndexOf('@');
                    all.put(URLDecoder.decode(word.substring(0, at), UTF_8), Long.parseLong(word.substring(at + 1)));
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException notOurs) {
            return found;
        }
        found.releasedBelow.putAll(all);
        return found;
    }

    /** What metadata says, word by word; what belongs to another mark, or is no such metadata, says nothing. */
    static List<String> words(long mark, @Nullable String metadata) {
        String head = head(mark) + " ";
        return metadata == null || !metadata.startsWith(head)
                ? List.of()
                : List.of(metadata.substring(head.length()).split(" ", -1));
    }

    /** How metadata of a mark begins. */
    static String head(long mark) {
        return FORM + " " + mark;
    }

    /** Whether a record has left already. */
    public boolean isReleased(byte @Nullable [] key, long offset) {
        if (releasedBelow.isEmpty() || key == null) {
            return false;
        }
        Long below = releasedBelow.get(new String(key, UTF_8));
        return below != null && offset < below;
    }

    /** To be committed with this mark. */
    String metadata(long mark) {
        releasedBelow.values().removeIf(below -> below <= mark);
        if (releasedBelow.isEmpty()) {
            return "";
        }
        StringBuilder metadata = new StringBuilder(head(mark));
        releasedBelow.forEach((destination, below) ->
                metadata.append(' ').append(escaped(destination)).append('@').append(below));
        return metadata.toString();
    }

    private static String escaped(String destination) {
        return URLEncoder.encode(destination, UTF_8);
    }

    void recovered(RecoveryNotice notice) {
        recovered.values().removeIf(one -> notice.atMillis() - one.saidMillis > RecoveryNotice.RECENT.toMillis());
        Recovered known = recovered.get(notice.destination());
        if (known != null && known.sinceMillis == notice.sinceMillis()) {
            known.left = notice.records();
            known.saidMillis = notice.atMillis();
        } else if (recovered.size() < RECOVERED || known != null) {
            recovered.put(notice.destination(), new Recovered(notice));
            pass.remove(notice.destination());
        }
    }

    /** Whether a pass would look for anything. */
    boolean isAwaited() {
        return recovered.values().stream().anyMatch(one -> !one.done && one.left > 0);
    }

    boolean isInPass() {
        return !pass.isEmpty();
    }

    /** Begins a pass; the offset it begins at, or -1 when there is nothing to look for. */
    long begin(long mark) {
        int room = METADATA_LIMIT - metadata(mark).length() - FORM.length() - OFFSET_DIGITS;
        long from = Long.MAX_VALUE;
        for (Map.Entry<String, Recovered> one : recovered.entrySet()) {
            Recovered candidate = one.getValue();
            if (candidate.done || candidate.left == 0) {
                continue;
            }
            String destination = one.getKey();
            Long below = releasedBelow.get(destination);
            room -= below == null ? escaped(destination).length() + 2 + OFFSET_DIGITS : 0;
            if (room < 0) {
                break;
            }
            pass.add(destination);
            long known = Math.max(candidate.scannedTo, below == null ? 0 : below);
            from = Math.min(from, Math.max(mark, known));
        }
        return pass.isEmpty() ? -1 : from;
    }

    /**
     * Whether a record that the pass has come to is to be released; {@link #released} or {@link #refused} has to follow then.
     *
     * @param writtenMillis LogAppendTime, which no record behind has an earlier one than, but for a clock that is set back
     */
    boolean isWanted(String destination, long offset, long writtenMillis) {
        if (!pass.contains(destination) || offset < releasedBelow.getOrDefault(destination, 0L)) {
            return false;
        }
        Recovered one = recovered.get(destination);
        if (one == null || writtenMillis > one.sinceMillis) {
            refused(destination);
            return false;
        }
        if (one.left == 0) {
            one.scannedTo = offset;
            pass.remove(destination);
            return false;
        }
        return true;
    }

    void released(String destination, long offset) {
        releasedBelow.put(destination, offset + 1);
        Recovered one = recovered.get(destination);
        if (one != null) {
            one.left--;
        }
    }

    /** It stays where it is, and with it all that waits behind it for the same destination. */
    void refused(String destination) {
        pass.remove(destination);
        Recovered one = recovered.get(destination);
        if (one != null) {
            one.done = true;
        }
    }

    /** The pass has come to the end: there is no more of those it looked for. */
    void end() {
        for (Iterator<String> all = pass.iterator(); all.hasNext(); ) {
            Recovered one = recovered.get(all.next());
            if (one != null) {
                one.done = true;
            }
            all.remove();
        }
    }
}
