package org.postroad.ingress.hook;

import io.netty.channel.EventLoop;
import io.prometheus.client.CollectorRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hooks of a node's listeners: builds what each event loop asks. */
public final class Hooks {
    private final Map<String, List<Told>> listeners = new LinkedHashMap<>();
    private final HookMetrics metrics;

    /** A hook, and what tells the log of it. */
    private record Told(Hook hook, HookOutage outage) {}

    /** @param hooks of each listener, by its name, in the order in which they are asked */
    public Hooks(Map<String, List<Hook>> hooks, CollectorRegistry registry) {
        this.metrics = new HookMetrics(registry);
        hooks.forEach((listener, its) -> listeners.put(
                listener,
                its.stream()
                        .map(hook -> new Told(hook, new HookOutage(listener, hook)))
                        .toList()));
    }

    /** What a loop asks. */
    public LoopHooks on(EventLoop loop, Inspection.Memory memory) {
        Dialer dialer = new Dialer(loop);
        Map<String, List<AskedHook>> asked = new LinkedHashMap<>();
        listeners.forEach((listener, its) -> {
            List<AskedHook> hooks = new ArrayList<>();
            its.forEach(told -> hooks.add(
                    new AskedHook(listener, told.hook(), metrics, told.outage(), opening(told.hook(), dialer))));
            if (!hooks.isEmpty()) {
                asked.put(listener, hooks);
            }
        });
        return new LoopHooks(asked, loop, memory);
    }

    private static AskedHook.Opening opening(Hook hook, Dialer dialer) {
        if (hook.http() != null) {
            return new HttpHook(hook, hook.http(), dialer);
        }
        if (hook.milter() != null) {
            return new MilterHook(hook, hook.milter(), dialer);
        }
        throw new IllegalArgumentException("hook " + hook.name() + " has no address");
    }
}
