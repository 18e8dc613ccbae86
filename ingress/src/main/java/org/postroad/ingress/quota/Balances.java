package org.postroad.ingress.quota;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaCount;

/** Balances in parts that fit a record, and whole again; several nodes may write some at once. Confined to its reader. */
final class Balances {
    /** Well below what a record may have. */
    static final int PART_OCTETS = 256 * 1024;

    private static final int COUNT_OCTETS = 32;

    /** Of those that are not whole yet, the oldest gives way: its writer died. */
    private static final int MOST_BEGUN = 8;

    private final Map<String, List<QuotaBalance>> begun = new LinkedHashMap<>();

    /** The balance of a used before an offset. */
    static List<QuotaBalance> of(UsedQuotas used, long upTo) {
        List<List<QuotaCount>> cut = new ArrayList<>(List.of(new ArrayList<>()));
        int octets = 0;
        for (QuotaCount count : used.counts()) {
            int more = COUNT_OCTETS + 3 * count.getQuota().length();
            if (octets + more > PART_OCTETS) {
                cut.add(new ArrayList<>());
                octets = 0;
            }
            cut.get(cut.size() - 1).add(count);
            octets += more;
        }
        List<QuotaBalance> parts = new ArrayList<>();
        for (int i = 0; i < cut.size(); i++) {
            parts.add(new QuotaBalance(upTo, used.at(), i, cut.size(), cut.get(i)));
        }
        return parts;
    }

    /** Takes a part that a node wrote; answers with all of them when it was the last one missing, else null. */
    @Nullable
    List<QuotaBalance> take(String node, QuotaBalance part) {
        String key = node + " " + part.getUpTo();
        List<QuotaBalance> parts = begun.computeIfAbsent(key, fresh -> new ArrayList<>());
        if (parts.size() != part.getPart()) {
            begun.remove(key); // its beginning was not seen
            return null;
        }
        parts.add(part);
        if (parts.size() == part.getParts()) {
            begun.remove(key);
            return parts;
        }
        if (begun.size() > MOST_BEGUN) {
            begun.remove(begun.keySet().iterator().next());
        }
        return null;
    }
}
