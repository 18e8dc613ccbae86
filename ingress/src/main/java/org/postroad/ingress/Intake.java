package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.hook.Inspection;
import org.postroad.ingress.hook.LoopHooks;
import org.postroad.ingress.hook.Verdict;
import org.postroad.ingress.quota.LoopQuotas;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.MessageId;
import org.postroad.schemas.Packing;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Reply;
import org.postroad.schemas.RequireTls;
import org.postroad.schemas.TakenOnce;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an envelope of a finished transaction and answers for it: 250 means that Kafka has every octet.
 *
 * <p>Confined to its event loop, of which it is the one intake.
 */
final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    private static final Refusal NOT_KEPT = Refusal.of(Replies.NOT_KEPT);
    private static final int ID_OCTETS = 16;

    /** Of the memory for content, what stretches of large content may take before they are written. */
    private static final int STRETCHES_PART = 4;

    private final IngressConfig config;
    private final Road road;
    private final Codec<Envelope> codec;
    private final DurableLog log;
    private final OctetBudget budget;
    private final LoopQuotas quotas;
    private final LoopHooks hooks;
    private final Clock clock;
    private final RandomGenerator random;
    private final QueueIds queueIds;
    private final Packing packing = new Packing();
    private final IncomingContent.Room room;
    private final byte[] ownWords;
    private final MailDate dates = new MailDate();

    /**
     * Where envelopes and content go.
     *
     * @param isFull whether a broker has no room for more
     */
    record Road(
            String inbound,
            int inboundPartitions,
            String content,
            StickyPartition contentTurn,
            BooleanSupplier isFull) {}

    Intake(
            IngressConfig config,
            Road road,
            Codec<Envelope> codec,
            DurableLog log,
            OctetBudget budget,
            LoopQuotas quotas,
            LoopHooks hooks,
            Clock clock,
            RandomGenerator random) {
        this.config = config;
        this.road = road;
        this.codec = codec;
        this.log = log;
        this.budget = budget;
        this.quotas = quotas;
        this.hooks = hooks;
        this.clock = clock;
        this.random = random;
        this.queueIds = new QueueIds(clock, random);
        int stretches = (int) Math.max(2, budget.limit() / STRETCHES_PART / IncomingContent.STRETCH_OCTETS);
        this.room = new IncomingContent.Room(budget, new SpareBuffers(), new StretchTurns(stretches, log.loop()));
        this.ownWords = ReceivedLines.ownWords(config.hostname());
    }

    /** Why a new transaction would most likely be begun in vain, or null. */
    @Nullable
    Reply refusal() {
        if (log.isUnwell()) {
            return Replies.NOT_KEPT;
        }
        if (road.isFull().getAsBoolean()) {
            return Replies.DISK_FULL;
        }
        return budget.isExhausted(0) ? Replies.NO_ROOM : null;
    }

    /** Why a new transaction of this client's is refused, or null; it counts in its rates. */
    @Nullable
    Refusal refusal(Admission client) {
        Reply refusal = refusal();
        return refusal == null ? quotas.refusalOfMail(client) : Refusal.of(refusal);
    }

    /** Why another recipient is refused, or null; it counts in the client's rates. */
    @Nullable
    Refusal refusal(Transaction transaction) {
        return quotas.refusalOfRecipient(transaction.origin().client(), transaction.recipientCount());
    }

    long nowMillis() {
        return clock.millis();
    }

    /** A transaction whose envelope counts in the octets of this loop. */
    Transaction begin(Origin origin, Command.Mail mail) {
        return new Transaction(origin, mail, budget);
    }

    /** The octets that this loop holds. */
    OctetBudget budget() {
        return budget;
    }

    EventExecutor loop() {
        return log.loop();
    }

    /** @param progress hears when the content may take more after it took no more */
    IncomingContent open(Transaction transaction, ContentDecoder decoder, Progress progress) {
        return open(transaction, decoder, progress, queueIds::next);
    }

    /** @param queueId what hooks, where there are any, know it by */
    IncomingContent open(Transaction transaction, ContentDecoder decoder, Progress progress, Supplier<String> queueId) {
        Listener listener = transaction.origin().client().listener();
        ContentChanges changes = ContentChanges.of(listener.handling(), decoder.isDotted());
        return new IncomingContent(
                new IncomingContent.Sizes(config.maxMessageSize(listener), config.inlineContentUpTo()),
                decoder,
                changes,
                hooks.areAskedOn(listener.name()) ? inspection(queueId.get(), transaction, changes, progress) : null,
                new ReceivedLines(ownWords),
                transaction.options().size(),
                room,
                progress,
                () -> chunkWriter(progress));
    }

    /** What one message is known by from now on. */
    String nextQueueId() {
        return queueIds.next();
    }

    /** The same of content that goes in; hooks know it from its begin. */
    String queueIdOf(IncomingContent content) {
        Inspection inspection = content.inspection();
        return inspection == null ? queueIds.next() : inspection.queueId();
    }

    private Inspection inspection(
            String queueId, Transaction transaction, @Nullable ContentChanges changes, Progress progress) {
        String date = dates.text(clock.millis());
        SubmittedHeader header = changes == null ? null : changes.header();
        return hooks.begin(
                MailForHooks.of(transaction, config.hostname(), queueId),
                () -> header == null ? "" : lacking(header, queueId, date),
                progress::goOn,
                progress::fault);
    }

    private String lacking(SubmittedHeader header, String queueId, String date) {
        return header.lacking(ownMessageId(queueId), date);
    }

    private String ownMessageId(String queueId) {
        return queueId + "@" + config.hostname();
    }

    /** The first of so many that belong together, see {@link QueueIds#plus}. */
    String nextQueueIds(int count) {
        return queueIds.next(count);
    }

    /**
     * Keeps a message.
     *
     * @param queueId of {@link #nextQueueId} or {@link #queueIdOf}
     * @param onFault hears instead of what nobody foresaw
     * @param answer hears exactly once why it is refused, null when Kafka has it
     */
    void accept(
            String queueId,
            Transaction transaction,
            IncomingContent content,
            Consumer<Throwable> onFault,
            Consumer<@Nullable Refusal> answer) {
        Consumer<@Nullable Refusal> last = refusal -> {
            content.release();
            LOG.atDebug()
                    .addKeyValue("queueId", queueId)
                    .addKeyValue("refusal", refusal)
                    .log("answered for a message");
            answer.accept(refusal);
        };
        if (content.isInline()) {
            stored(queueId, transaction, content, new InlineContent(content.inline()), onFault, last);
            return;
        }
        content.store(ref -> {
            if (ref == null) {
                last.accept(NOT_KEPT);
            } else {
                stored(queueId, transaction, content, ref, onFault, last);
            }
        });
    }

    /** Asks the hooks, if there are any, about content that is kept. */
    private void stored(
            String queueId,
            Transaction transaction,
            IncomingContent content,
            Object where,
            Consumer<Throwable> onFault,
            Consumer<@Nullable Refusal> last) {
        Inspection inspection = content.inspection();
        if (inspection == null) {
            keep(queueId, transaction, content, null, where, onFault, last);
            return;
        }
        inspection.conclude(content.size(), verdict -> {
            if (verdict.refusal() == null) {
                keep(queueId, transaction, content, verdict, where, onFault, last);
            } else {
                last.accept(Refusal.of(verdict.refusal()));
            }
        });
    }

    private void keep(
            String queueId,
            Transaction transaction,
            IncomingContent read,
            @Nullable Verdict verdict,
            Object content,
            Consumer<Throwable> onFault,
            Consumer<@Nullable Refusal> answer) {
        ProducerRecord<byte[], byte[]> inbound;
        try {
            byte[] envelope = codec.encode(envelope(queueId, transaction, read, verdict, content));
            inbound = inbound(queueId.getBytes(US_ASCII), envelope, transaction.mayComeAgain());
        } catch (RuntimeException e) {
            // Thrown on, it would leave a session whose chunks were just acknowledged without an answer for ever.
            LOG.atError()
                    .addKeyValue("queueId", queueId)
                    .setCause(e)
                    .log("no envelope could be made; the client hears 451");
            answer.accept(NOT_KEPT);
            return;
        }
        DurableLog.Written then = kept -> answer.accept(kept == null ? NOT_KEPT : null);
        Consumer<@Nullable Refusal> claimed = refusal -> {
            if (refusal == null) {
                log.append(inbound, then, onFault);
            } else {
                answer.accept(refusal);
            }
        };
        quotas.claim(transaction.origin().client(), transaction.recipientCount(), claimed, onFault);
    }

    /** Mail that may be written again goes where it went, whoever writes it; all other where the producer has a batch open. */
    private ProducerRecord<byte[], byte[]> inbound(byte[] queueId, byte[] envelope, boolean mayComeAgain) {
        if (!mayComeAgain) {
            return new ProducerRecord<>(road.inbound(), queueId, envelope);
        }
        int partition = Utils.toPositive(Utils.murmur2(queueId)) % road.inboundPartitions();
        return new ProducerRecord<>(road.inbound(), partition, queueId, envelope, TakenOnce.headers());
    }

    private Envelope envelope(
            String queueId, Transaction transaction, IncomingContent read, @Nullable Verdict verdict, Object content) {
        long now = clock.millis();
        IngressConfig.UserTerms terms =
                config.termsOf(transaction.origin().client().user());
        ReleaseTime wanted = transaction.options().release();
        long release = wanted == null ? 0 : wanted.of(now);
        return new Envelope(
                queueId,
                0,
                null,
                transaction.reversePath(),
                transaction.recipients(),
                transaction.options().envelopeId(),
                transaction.options().ret(),
                transaction.body(),
                transaction.smtpUtf8(),
                reception(transaction, now),
                transaction.origin().client().user(),
                verdict == null ? terms.tenant() : verdict.tenantOr(terms.tenant()),
                verdict == null ? terms.trafficClass() : verdict.trafficClassOr(terms.trafficClass()),
                meta(queueId, transaction, read, verdict, release),
                prepend(queueId, transaction, read.header(), verdict, now),
                content,
                release,
                Math.max(now, release) + config.lifetime().toMillis(),
                RequireTls.with(
                        release == 0 ? null : FutureRelease.required(),
                        transaction.options().requireTls()));
    }

    private Map<String, String> meta(
            String queueId, Transaction transaction, IncomingContent read, @Nullable Verdict verdict, long release) {
        Map<String, String> meta = release == 0 ? transaction.meta() : FutureRelease.meta(release);
        SubmittedHeader header = read.header();
        boolean isOurs = header != null && header.lacksMessageId();
        // Hooks have seen it with the name it had then, and another that came first with its key may have another.
        String named = read.inspection() == null ? queueId : read.inspection().queueId();
        return MessageId.with(
                verdict == null ? meta : verdict.metaWith(meta), isOurs ? ownMessageId(named) : read.messageId());
    }

    /** What lacks was there for hooks already, whose verdict has it. */
    private ByteBuffer prepend(
            String queueId,
            Transaction transaction,
            @Nullable SubmittedHeader header,
            @Nullable Verdict verdict,
            long now) {
        String date = dates.text(now);
        String received = ReceivedLine.of(transaction, config.hostname(), queueId, date);
        String lacking = header == null || verdict != null ? "" : lacking(header, queueId, date);
        ByteBuffer ours = ByteBuffer.wrap((received + lacking).getBytes(UTF_8));
        return verdict == null ? ours : verdict.prependBehind(ours);
    }

    private Reception reception(Transaction transaction, long now) {
        Origin origin = transaction.origin();
        return new Reception(
                now,
                origin.client().listener().name(),
                origin.client().addressText(),
                Caps.cut(origin.greeting(), Caps.NAME_OCTETS),
                origin.protocol(transaction.smtpUtf8()),
                config.hostname());
    }

    private ChunkWriter chunkWriter(Progress progress) {
        byte[] id = new byte[ID_OCTETS];
        random.nextBytes(id);
        return new ChunkWriter(log, budget, packing, road, new ContentId(id), progress);
    }

    /** Octets held of content that is not answered for yet. */
    long octetsInFlight() {
        return budget.held();
    }
}
