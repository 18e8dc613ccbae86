package org.postroad.deploy.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this machine calls itself, when the configuration does not say. */
final class Hostname {
    /** Wrong for mail that leaves the machine, but well formed: EHLO needs a name with a dot. */
    static final String LAST_RESORT = "localhost.localdomain";

    private Hostname() {}

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
