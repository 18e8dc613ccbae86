package org.postroad.router;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lookups that are answered when a test says so. */
final class HeldLookups implements Lookups {
    private record Asked(String domain, CompletableFuture<MxAnswer> answer) {}

    private final List<Asked> open = new ArrayList<>();
    private final List<String> all = new ArrayList<>();

    @Override
    public CompletionStage<MxAnswer> exchangersOf(String domain) {
        Asked asked = new Asked(domain, new CompletableFuture<>());
        open.add(asked);
        all.add(domain);
        return asked.answer();
    }

    /** Every domain ever asked for, in order. */
    List<String> asked() {
        return all;
    }

    int openCount() {
        return open.size();
    }

    void answer(String domain, MxAnswer answer) {
        List<Asked> its = open.stream().filter(a -> a.domain().equals(domain)).toList();
        open.removeAll(its);
        its.forEach(a -> a.answer().complete(answer));
    }

    void fail(String domain, Throwable fault) {
        List<Asked> its = open.stream().filter(a -> a.domain().equals(domain)).toList();
        open.removeAll(its);
        its.forEach(a -> a.answer().completeExceptionally(fault));
    }
}
