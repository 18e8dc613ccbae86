package org.postroad.deploy.operator;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Event;

/**
 * What the events of one partition add up to below an offset, in recipients by what happened to them: a function of the partition
 * and the offset, so that counting twice is counting once. Confined to one thread.
 */
public final class EventSum {
    private static final String UNREADABLE = "unreadable";
    private static final String GAPS = "gaps";

    /** Others may write to the topic: so many names of kinds that are none of ours are counted, and no more. */
    private static final int MOST_NEWER = 16;

    private static final Pattern NAME = Pattern.compile("[a-z]{1,32}");

    /** By the kind of event, and the two names above; a newer node's names are kept as they are. */
    private final Map<String, Long> numbers = new TreeMap<>();

    private long offset;

    /** Everything below this offset is counted. */
    public long offset() {
        return offset;
    }

    public void reached(long end) {
        offset = end;
    }

    public void add(StoredEvent.Fate fate) {
        Event.Kind kind = fate.knownKind();
        if (kind == null) {
            addNewer(fate);
            return;
        }
        add(fate.kind(), fate.recipients());
        if (kind == Event.Kind.REJECTED && fate.recipients() == 0) {
            add(UNREADABLE, 1);
        }
    }

    /** What only a newer node knows may be an end of mail, and the next to count may be a newer one, which goes on from here. */
    private void addNewer(StoredEvent.Fate fate) {
        String name = fate.kind();
        boolean ours = name.equals(UNREADABLE) || name.equals(GAPS);
        boolean room = numbers.containsKey(name) || newer().size() < MOST_NEWER;
        if (!ours && room && NAME.matcher(name).matches()) {
            add(name, fate.recipients());
        }
    }

    /** Recipients of events of kinds that only newer nodes know. */
    public Map<String, Long> newer() {
        Map<String, Long> newer = new TreeMap<>(numbers);
        newer.keySet().removeIf(name -> name.equals(UNREADABLE) || name.equals(GAPS) || StoredEvent.isKnown(name));
        return newer;
    }

    private void add(String name, long number) {
        if (number != 0) {
            numbers.merge(name, number, Long::sum);
        }
    }

    /** Events that were never counted were deleted; counting goes on from here. */
    public void missed(long next) {
        add(GAPS, 1);
        offset = next;
    }

    public long of(Event.Kind kind) {
        return numbers.getOrDefault(kind.text(), 0L);
    }

    /** Rejected records of which nobody knows the recipients. */
    public long unreadable() {
        return numbers.getOrDefault(UNREADABLE, 0L);
    }

    /** How often events were deleted before they were counted. */
    public long gaps() {
        return numbers.getOrDefault(GAPS, 0L);
    }

    /** Whether this one knows more: a topic that was made anew begins at 0 again, and is known by its gap. */
    boolean isAheadOf(@Nullable EventSum other) {
        return other == null || gaps() > other.gaps() || gaps() == other.gaps() && offset > other.offset;
    }

    /** "4711 accepted=20 delivered=19": the offset, and what is not 0. */
    public String text() {
        StringBuilder text = new StringBuilder(Long.toString(offset));
        numbers.forEach(
                (name, number) -> text.append(' ').append(name).append('=').append(number.longValue()));
        return text.toString();
    }

    /** Reads what {@link #text} wrote; null when it is none. */
    public static @Nullable EventSum parse(String text) {
        String[] words = text.split(" ", -1);
        EventSum sum = new EventSum();
        try {
            sum.offset = Long.parseLong(words[0]);
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                sum.numbers.put(words[i].substring(0, equals), Long.parseLong(words[i].substring(equals + 1)));
            }
            return sum;
        } catch (NumberFormatException | StringIndexOutOfBoundsException notOurs) {
            return null;
        }
    }
}
