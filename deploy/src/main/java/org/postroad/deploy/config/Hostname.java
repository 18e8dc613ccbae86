package org.postroad.deploy.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.postroad.schemas.Ascii;

/** What this machine calls itself, when the configuration does not say. */
final class Hostname {
    /** Wrong for mail that leaves the machine, but well formed: EHLO needs a name with a dot. */
    static final String LAST_RESORT = "localhost.localdomain";

    /** Ends of names that mean something on one machine or one network only; pods have names that end in cluster.local. */
    private static final Set<String> LOCAL =
            Set.of("local", "localdomain", "localhost", "internal", "lan", "home", "intranet", "invalid");

    private Hostname() {}

    /** Whether no other system can know the machine by this name; many refuse mail from such a one. */
    static boolean isOdd(String name) {
        return !name.contains(".") || LOCAL.contains(Ascii.lower(name.substring(name.lastIndexOf('.') + 1)));
    }

    static String ofThisMachine() {
        try {
            InetAddress local = InetAddress.getLocalHost();
            return local.getHostName().contains(".") ? named(local.getHostName()) : named(local.getCanonicalHostName());
        } catch (UnknownHostException noNameAtAll) {
            return LAST_RESORT;
        }
    }

    /** The name, unless it is an address in disguise, which is what a failed reverse lookup gives. */
    static String named(String name) {
        boolean address = name.matches("[0-9.]+") || name.contains(":");
        return name.contains(".") && !address ? name : LAST_RESORT;
    }
}
