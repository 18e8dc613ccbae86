package org.postroad.deploy.command;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import picocli.CommandLine.Option;

/** Why a policy is changed, and who decides; kept with it. */
final class PolicyDecision {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept with it.")
    private String reason = "";

    @Option(names = "--by", paramLabel = "NAME", description = "Who decides; without it user@host.")
    private @Nullable String by;

    String why() {
        return Caps.cut(reason, Caps.NAME_OCTETS);
    }

    String who() {
        return Caps.cut(by == null ? System.getProperty("user.name", "") + "@" + host() : by, Caps.NAME_OCTETS);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException noName) {
            return "localhost";
        }
    }
}
