package org.postroad.ingress.hook;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The hooks that one event loop asks, and what their messages need. Confined to the loop. */
public final class LoopHooks {
    private final Map<String, List<AskedHook>> hooks;
    private final EventExecutor loop;
    private final Inspection.Memory memory;

    LoopHooks(Map<String, List<AskedHook>> hooks, EventExecutor loop, Inspection.Memory memory) {
        this.hooks = hooks;
        this.loop = loop;
        this.memory = memory;
    }

    /** Of a loop whose listeners have none. */
    public static LoopHooks none(EventExecutor loop, Inspection.Memory memory) {
        return new LoopHooks(Map.of(), loop, memory);
    }

    /** Whether mail that comes by a listener is asked about. */
    public boolean areAskedOn(String listener) {
        return hooks.containsKey(listener);
    }

    /**
     * Begins to ask about a message, on a listener that has hooks.
     *
     * @param lacking gives the lines that are put before its content, once its header section is complete; with an empty line behind them
     *     where it has none
     * @param goOn runs, in a task of its own, when content need not wait any longer
     * @param onFault hears what nobody foresaw
     */
    public Inspection begin(AskedMail mail, Supplier<String> lacking, Runnable goOn, Consumer<Throwable> onFault) {
        List<AskedHook> asked = hooks.getOrDefault(mail.client().listener(), List.of());
        return new Inspection(mail, loop, memory, asked, lacking, goOn, onFault);
    }
}
