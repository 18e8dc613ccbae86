package org.postroad.ingress.quota;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which limits a sender has: of those for users the first that is for this one, and so of tenants, clients and networks. Pure. */
final class QuotaRules {
    private final List<Quota> quotas;
    private final Function<String, @Nullable String> tenantOf;

    /** @param tenantOf gives the tenant of a user, or null */
    QuotaRules(List<Quota> quotas, Function<String, @Nullable String> tenantOf) {
        this.quotas = List.copyOf(quotas);
        this.tenantOf = tenantOf;
    }

    boolean areNone() {
        return quotas.isEmpty();
    }

    boolean anyIsExact() {
        return quotas.stream()
                .anyMatch(quota -> !quota.mails().stream().allMatch(Amount::isRate)
                        || !quota.recipients().stream().allMatch(Amount::isRate));
    }

    List<SenderLimit> rates(Sender sender, Counted counted) {
        return limits(sender, counted, true);
    }

    List<SenderLimit> exact(Sender sender, Counted counted) {
        return limits(sender, counted, false);
    }

    private List<SenderLimit> limits(Sender sender, Counted counted, boolean rates) {
        List<SenderLimit> limits = new ArrayList<>(2);
        for (Subject subject : Subject.values()) {
            String name = name(sender, subject);
            if (name == null) {
                continue;
            }
            Quota quota = first(sender, subject, name);
            if (quota == null) {
                continue;
            }
            for (Amount amount : quota.amounts(counted)) {
                if (amount.isRate() == rates) {
                    limits.add(new SenderLimit(subject, counted, name, amount));
                }
            }
        }
        return limits;
    }

    private @Nullable Quota first(Sender sender, Subject subject, String name) {
        for (Quota quota : quotas) {
            if (quota.subject() == subject && isFor(quota, sender, name)) {
                return quota;
            }
        }
        return null;
    }

    private static boolean isFor(Quota quota, Sender sender, String name) {
        return switch (quota.subject()) {
            case USER, TENANT -> quota.isForName(name);
            case CLIENT, NETWORK -> quota.isForAddress(sender.address());
        };
    }

    private @Nullable String name(Sender sender, Subject subject) {
        return switch (subject) {
            case USER -> sender.user();
            case TENANT -> sender.user() == null ? null : tenantOf.apply(sender.user());
            case CLIENT -> hex(sender.host());
            case NETWORK -> hex(sender.network());
        };
    }

    private static String hex(ByteBuffer octets) {
        return ByteBufUtil.hexDump(Unpooled.wrappedBuffer(octets));
    }
}
