package org.postroad.ingress.quota;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;

/**
 * What each user, tenant, client or network may send, of those that it is for.
 *
 * @param names of users or tenants; one that ends in {@code *} means all names which begin so; none means all
 * @param from addresses of clients and networks; none means all
 * @param mails messages
 * @param recipients of all messages together
 */
public record Quota(
        Subject subject,
        List<String> names,
        List<? extends Predicate<InetAddress>> from,
        List<Amount> mails,
        List<Amount> recipients) {

    List<Amount> amounts(Counted counted) {
        return counted == Counted.MAILS ? mails : recipients;
    }

    boolean isForName(String name) {
        return names.isEmpty() || isAmong(names, name);
    }

    boolean isForAddress(InetAddress address) {
        return from.isEmpty() || from.stream().anyMatch(one -> one.test(address));
    }

    /** Whether one of the patterns means the name. */
    public static boolean isAmong(List<String> patterns, String name) {
        for (String pattern : patterns) {
            int last = pattern.length() - 1;
            if (pattern.endsWith("*") ? name.startsWith(pattern.substring(0, last)) : name.equals(pattern)) {
                return true;
            }
        }
        return false;
    }
}
