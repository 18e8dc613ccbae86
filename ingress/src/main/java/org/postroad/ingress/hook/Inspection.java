package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/**
 * One message as all hooks of its listener look at it: while its content arrives, and when it is complete.
 *
 * <p>Where a hook may change header sections, that of the message is held back and goes before the content, which leaves for Kafka
 * meanwhile. Every hook sees what the client sent; in which order they are asked matters for who answers first, and for the header
 * section that a question by HTTP has in it. Confined to its session's loop.
 */
public final class Inspection {
    /** What hooks may add to a header section. */
    static final int ADDED_OCTETS = 16 * 1024;

    private static final String EMPTY_LINE = "\r\n";

    private final AskedMail mail;
    private final EventExecutor loop;
    private final Memory memory;
    private final List<AskedHook> hooks;
    private final List<Inquiry> inquiries = new ArrayList<>();
    private final Supplier<String> lacking;
    private final Consumer<Throwable> onFault;
    private final boolean holdsBack;
    private final HeldHeader held = new HeldHeader();
    private final Map<String, String> meta = new HashMap<>();
    private @Nullable HeaderFields header;
    private String added = "";
    private String separator = "";
    private @Nullable String trafficClass;
    private @Nullable String tenant;
    private int lineEndToSkip;
    private long heldOctets;
    private @Nullable Reply refused;
    private boolean over;

    /** What the octets of a loop are counted in. */
    public interface Memory {
        void take(long octets);

        void give(long octets);
    }

    /**
     * One that begins.
     *
     * @param lacking gives the fields that are put before the content, once the header section is complete; with an empty line behind
     *     them where the content has no header section
     */
    Inspection(
            AskedMail mail,
            EventExecutor loop,
            Memory memory,
            List<AskedHook> hooks,
            Supplier<String> lacking,
            Runnable goOn,
            Consumer<Throwable> onFault) {
        this.mail = mail;
        this.loop = loop;
        this.memory = memory;
        this.hooks = hooks;
        this.lacking = lacking;
        this.onFault = onFault;
        boolean changes = false;
        for (AskedHook hook : hooks) {
            inquiries.add(hook.opening().open(mail, memory, goOn));
            changes |= hook.opening().changesHeaders();
        }
        this.holdsBack = changes;
        hold();
    }

    /** What the message is known by. */
    public String queueId() {
        return mail.queueId();
    }

    /**
     * Content has come, {@code octets[from, end)}.
     *
     * @return where it ends now: what is held back is no longer in it
     */
    public int take(byte[] octets, int from, int end) {
        if (over) {
            return end;
        }
        int rest = from;
        if (!held.hasEnded()) {
            rest = held.take(octets, from, end);
            hold();
            if (held.hasEnded()) {
                headerEnded();
            }
        }
        int text = rest;
        while (lineEndToSkip > 0 && text < end) {
            boolean isOfIt = octets[text] == (lineEndToSkip == 2 ? '\r' : '\n');
            lineEndToSkip = isOfIt ? lineEndToSkip - 1 : 0;
            text += isOfIt ? 1 : 0;
        }
        if (text < end) {
            tellText(octets, text, end);
        }
        if (!holdsBack || rest == from) {
            return end;
        }
        System.arraycopy(octets, rest, octets, from, end - rest);
        return from + end - rest;
    }

    private void hold() {
        memory.take(held.held() - heldOctets);
        heldOctets = held.held();
    }

    private void headerEnded() {
        String ours = lacking.get();
        boolean headless = ours.equals(EMPTY_LINE) || ours.endsWith(EMPTY_LINE + EMPTY_LINE);
        separator = headless ? EMPTY_LINE : "";
        added = ours.substring(0, ours.length() - separator.length());
        List<String> fields = new ArrayList<>();
        for (int from = 0; from < added.length(); ) {
            int end = added.indexOf(EMPTY_LINE, from) + EMPTY_LINE.length(); // fields of ours are one line each
            fields.add(added.substring(from, end));
            from = end;
        }
        fields.addAll(held.fields());
        HeaderFields complete = new HeaderFields(fields);
        header = complete;
        if (!held.isTooLong()) {
            inquiries.forEach(inquiry -> inquiry.onHeader(complete));
        }
        byte[] tail = held.tail();
        lineEndToSkip = tail.length == 0 ? EMPTY_LINE.length() : 0;
        if (tail.length > 0) {
            tellText(tail, 0, tail.length);
        }
    }

    private void tellText(byte[] octets, int from, int to) {
        if (!held.isTooLong()) {
            inquiries.forEach(inquiry -> inquiry.onText(octets, from, to));
        }
    }

    /** Whether content has to wait for a hook. */
    public boolean isBusy() {
        return !over && inquiries.stream().anyMatch(Inquiry::isBusy);
    }

    /** Why the message will be refused whatever comes, null while that is not certain. */
    public @Nullable Reply refusal() {
        if (refused == null && held.isTooLong()) {
            refused = HookReply.HEADER_TOO_LONG;
        }
        for (int i = 0; i < hooks.size() && refused == null && !over; i++) {
            Inquiry.Outcome early = inquiries.get(i).early();
            if (early != null && hooks.get(i).isRefusal(early)) {
                refused = hooks.get(i).judge(early, loop.ticker().nanoTime(), 0).refusal();
            }
        }
        return refused;
    }

    /** All content has come: what is held back of it is complete. */
    public void end() {
        if (over) {
            return;
        }
        if (!held.hasEnded()) {
            held.finish();
            headerEnded();
        }
        inquiries.forEach(Inquiry::onArrived);
    }

    /**
     * Asks one hook after the other.
     *
     * @param size octets of the content as its client sent it
     * @param then hears the verdict; not before this returns, and not after {@link #abandon}
     */
    public void conclude(long size, Consumer<Verdict> then) {
        ask(0, size, then);
    }

    private void ask(int which, long size, Consumer<Verdict> then) {
        HeaderFields fields = header;
        if (over || fields == null) {
            return;
        }
        if (which == hooks.size()) {
            String prepend = holdsBack ? fields.text() + separator + tail() : added + separator;
            end(new Verdict(null, prepend, trafficClass, tenant, Map.copyOf(meta)), then);
            return;
        }
        long since = loop.ticker().nanoTime();
        inquiries.get(which).conclude(fields, size, outcome -> {
            try {
                answered(which, size, outcome, since, then);
            } catch (Throwable bug) {
                onFault.accept(bug);
            }
        });
    }

    private String tail() {
        return new String(held.tail(), ISO_8859_1);
    }

    private void answered(int which, long size, Inquiry.Outcome outcome, long since, Consumer<Verdict> then) {
        if (over) {
            return;
        }
        long now = loop.ticker().nanoTime();
        Inquiry.Outcome usable = outcome;
        HeaderFields changed = header;
        if (outcome.answer() != null
                && header != null
                && !outcome.answer().changes().isEmpty()) {
            HeaderFields tried = header.copy();
            outcome.answer().changes().forEach(change -> change.accept(tried));
            if (tried.length() > HeldHeader.MOST_OCTETS + ADDED_OCTETS) {
                usable = Inquiry.Outcome.deferred("it adds too much to the header section");
            } else {
                changed = tried;
            }
        }
        if (usable.answer() != null
                && HttpAnswer.isTooMuch(meta, usable.answer().meta())) {
            usable = Inquiry.Outcome.failed("with hooks before it says too much meta");
        }
        HookAnswer answer = hooks.get(which).judge(usable, now, now - since);
        if (answer.refusal() != null) {
            end(Verdict.refused(answer.refusal()), then);
            return;
        }
        header = changed;
        trafficClass = answer.trafficClass() == null ? trafficClass : answer.trafficClass();
        tenant = answer.tenant() == null ? tenant : answer.tenant();
        meta.putAll(answer.meta());
        ask(which + 1, size, then);
    }

    private void end(Verdict verdict, Consumer<Verdict> then) {
        abandon();
        then.accept(verdict);
    }

    /** Nobody wants to know any more; gives back what it holds. */
    public void abandon() {
        if (!over) {
            over = true;
            memory.give(heldOctets);
            inquiries.forEach(Inquiry::abandon);
        }
    }
}
