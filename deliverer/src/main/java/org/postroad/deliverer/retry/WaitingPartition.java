package org.postroad.deliverer.retry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.fate.Hops;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/**
 * One partition of a tier, or of held mail, under one assignment: the few records at its head that were read and have not left. Of held
 * mail none are read.
 *
 * <p>Confined to the retry reader's thread. The consumer is paused on this partition while it holds any.
 */
final class WaitingPartition {
    /** Between two reads of the control topic for a schema that is not on it. */
    private static final long NEXT_LESSON_NANOS = 5_000_000_000L;

    /** Each question may take a second, in which nothing leaves anywhere. */
    private static final long SILENT_NANOS = 10_000_000_000L;

    final TopicPartition partition;
    final long assignment;

    /** Null for held mail, which waits until somebody releases it. */
    final @Nullable Duration tier;

    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private @Nullable Envelope headEnvelope;
    private long position;
    private @Nullable Future<?> lesson;
    private long lessonUntilNanos;
    private boolean unclaimed;
    private boolean toBePassed;
    private boolean isSilent;
    private long silentUntilNanos;
    private final Set<String> untaught = new HashSet<>();
    private long untaughtUntilNanos;
    private boolean toBeSaid;
    private @Nullable AlreadyLeft left;

    WaitingPartition(TopicPartition partition, long assignment, @Nullable Duration tier) {
        this.partition = partition;
        this.assignment = assignment;
        this.tier = tier;
    }

    /** What the group has committed is known; only from now on may records be taken. */
    void prepare(long mark, AlreadyLeft committed) {
        position = mark;
        left = committed;
    }

    boolean isPrepared() {
        return left != null;
    }

    AlreadyLeft left() {
        if (left == null) {
            throw new IllegalStateException(partition + " is not prepared");
        }
        return left;
    }

    void add(List<ConsumerRecord<byte[], byte[]>> records, long next, MailReader mails) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.offset() < position || isKnownToHaveLeft(record, mails)) {
                toBeSaid = true; // the mark passes it
            } else {
                waiting.add(record);
            }
        }
        position = Math.max(position, next);
    }

    /** Forgets what has left before it was due. */
    void dropLeft(MailReader mails) {
        ConsumerRecord<byte[], byte[]> head = waiting.peekFirst();
        waiting.removeIf(record -> isKnownToHaveLeft(record, mails));
        if (head != waiting.peekFirst()) {
            headEnvelope = null;
            lesson = null;
            toBeSaid = true;
        }
    }

    /** A record of a schema that is not known yet may have left all the same: that is asked again when it comes to the head. */
    private boolean isKnownToHaveLeft(ConsumerRecord<byte[], byte[]> record, MailReader mails) {
        try {
            return left().has(record, mails);
        } catch (UnknownSchemaException e) {
            return false;
        }
    }

    /** Nobody has ever committed an offset of it. */
    void unclaimed() {
        unclaimed = true;
        toBeSaid = true;
    }

    boolean isUnclaimed() {
        return unclaimed;
    }

    /** What is to be committed of it has changed, although nothing leaves. */
    void toBeSaid() {
        toBeSaid = true;
    }

    /** Whether that is to be committed; it is once. */
    boolean takeToBeSaid() {
        boolean is = toBeSaid;
        toBeSaid = false;
        return is;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    @Nullable
    ConsumerRecord<byte[], byte[]> head() {
        return waiting.peekFirst();
    }

    /** When the head leaves its tier, in milliseconds since 1970. What a newer node says besides, the head keeps: it is copied as it is. */
    long headLeaves(MailReader mails, Hops hops) throws UnknownSchemaException, UndecodableException {
        Duration waits = Objects.requireNonNull(tier, "held mail is not read");
        return hops.leaves(
                waiting.getFirst().timestamp(), waits, headEnvelope(mails).getNotBefore());
    }

    Envelope headEnvelope(MailReader mails) throws UnknownSchemaException, UndecodableException {
        if (headEnvelope == null) {
            headEnvelope = mails.decodeWhatIsKnown(waiting.getFirst().value());
        }
        return headEnvelope;
    }

    void removeHead() {
        waiting.removeFirst();
        headEnvelope = null;
        lesson = null;
    }

    /** The head's schema is being learned; the first time at once, then every few seconds. */
    void waitForSchema(Future<?> running, long nowNanos) {
        lessonUntilNanos = lesson == null ? nowNanos : nowNanos + NEXT_LESSON_NANOS;
        lesson = running;
    }

    boolean wasTaught() {
        return lesson != null;
    }

    boolean isWaitingForSchema(long nowNanos) {
        return lesson != null && (!lesson.isDone() || nowNanos - lessonUntilNanos < 0);
    }

    boolean isHeld() {
        return tier == null;
    }

    /** All mail before an offset has left, whether or not it was read; and since it may be deleted then, its reader has to pass it too. */
    void passedTo(long offset) {
        toBePassed |= offset > position && !isHeld();
        if (!waiting.isEmpty() && waiting.getFirst().offset() < offset) {
            waiting.removeIf(record -> record.offset() < offset);
            headEnvelope = null;
            lesson = null;
        }
        position = Math.max(position, offset);
    }

    /** Kafka did not say in time how far the partition reaches. */
    void hasNoAnswer(long nowNanos) {
        isSilent = true;
        silentUntilNanos = nowNanos + SILENT_NANOS;
    }

    /** Whether its reader is behind the mark, and has to go to {@link #mark}; it is said once. */
    boolean takeToBePassed() {
        boolean is = toBePassed;
        toBePassed = false;
        return is;
    }

    /** A job stands at a record whose schema is not known; whether it is the first here for some seconds, so that it is to be learned. */
    boolean standsAtSchema(String job, long nowNanos) {
        boolean isFirst = untaught.isEmpty();
        untaughtUntilNanos = isFirst ? nowNanos + NEXT_LESSON_NANOS : untaughtUntilNanos;
        untaught.add(job);
        return isFirst;
    }

    /** Whether a job may go on here, or is to leave the reader's time to others. */
    boolean mayBeAsked(String job, long nowNanos) {
        isSilent &= nowNanos - silentUntilNanos < 0;
        if (nowNanos - untaughtUntilNanos >= 0) {
            untaught.clear();
        }
        return !isSilent && !untaught.contains(job);
    }

    /** All before it has left. */
    long mark() {
        ConsumerRecord<byte[], byte[]> head = waiting.peekFirst();
        return head == null ? position : head.offset();
    }

    /** The mark as it is committed, with what has left behind it. */
    OffsetAndMetadata committable() {
        return new OffsetAndMetadata(mark(), left().metadata(mark()));
    }
}
