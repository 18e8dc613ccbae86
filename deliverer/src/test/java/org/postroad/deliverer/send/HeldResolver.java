package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;

/** A name server that keeps every question until the test says what becomes of it. */
public class HeldResolver implements Resolver {
    private final Map<Message, CompletableFuture<Message>> held = new LinkedHashMap<>();

    @Override
    public synchronized CompletionStage<Message> sendAsync(Message query, Executor executor) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        held.put(query, answer);
        return answer;
    }

    /** Those that are asked for now. */
    public synchronized Set<String> names() {
        Set<String> names = new TreeSet<>();
        held.keySet().forEach(query -> names.add(name(query)));
        return names;
    }

    public void failAll() {
        names().forEach(this::fail);
    }

    public void failOne() {
        fail(names().iterator().next());
    }

    /** Nobody answers what is asked of that name. */
    public void fail(String name) {
        taken(name).values().forEach(answer -> answer.completeExceptionally(new IllegalStateException("held")));
    }

    /** One name has this record and no other. */
    public void answer(Record record) {
        taken(record.getName().toString()).forEach((query, answer) -> {
            Message reply = new Message(query.getHeader().getID());
            reply.getHeader().setFlag(Flags.QR);
            reply.addRecord(query.getQuestion(), Section.QUESTION);
            if (query.getQuestion().getType() == record.getType()) {
                reply.addRecord(record, Section.ANSWER);
                answer.complete(reply);
            } else {
                answer.completeExceptionally(new IllegalStateException("held"));
            }
        });
    }

    public void answerAll(Resolver by) {
        for (String name : names()) {
            taken(name).forEach((query, answer) -> by.sendAsync(query).thenAccept(answer::complete));
        }
    }

    private synchronized Map<Message, CompletableFuture<Message>> taken(String name) {
        Map<Message, CompletableFuture<Message>> taken = new LinkedHashMap<>();
        List<Message> its = new ArrayList<>(held.keySet());
        its.removeIf(query -> !name(query).equals(name));
        its.forEach(query -> taken.put(query, held.remove(query)));
        return taken;
    }

    private static String name(Message query) {
        return query.getQuestion().getName().toString();
    }

    @Override
    public void setPort(int port) {}

    @Override
    public void setTCP(boolean flag) {}

    @Override
    public void setIgnoreTruncation(boolean flag) {}

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

    @Override
    public void setTSIGKey(TSIG key) {}

    @Override
    public void setTimeout(Duration timeout) {}
}
