package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.util.List;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.Section;
import org.postroad.schemas.Mailbox;

/** What all roles of one machine share. */
record NodeKeys(
        String hostname, List<String> ownNames, Mailbox postmaster, InetSocketAddress metricsAddress, AdminKeys admin) {

    static NodeKeys read(Section node, boolean inPod) {
        String hostname = node.key(
                "hostname",
                Forms.HOST_NAME,
                Default.derived(
                        Hostname::ofThisMachine,
                        "this machine's full name, else `localhost.localdomain`",
                        "mail.example.org"),
                "in the banner, EHLO, `Received:`, bounces. Set it");
        List<String> ownNames = node.key(
                "own-names",
                Forms.HOST_NAME_OR_ADDRESS.list(),
                "[]",
                "further host names, or addresses, by which an MX may mean this system; mail to itself would go in circles");
        Mailbox postmaster = node.key(
                "postmaster",
                Forms.MAILBOX,
                Default.derived(() -> "postmaster@" + hostname, "`postmaster@` hostname", "postmaster@example.org"),
                "`From:` of bounces");
        InetSocketAddress metricsAddress = node.key(
                "metrics-address",
                Forms.ADDRESS_AND_PORT,
                Default.derived(
                        // What probes a pod does not do so from within it.
                        () -> inPod ? "0.0.0.0:9470" : "127.0.0.1:9470",
                        "`127.0.0.1:9470`; in a pod of Kubernetes `0.0.0.0:9470`",
                        "0.0.0.0:9470"),
                "`/metrics`, `/health/live`, `/health/ready`; whoever reaches it may read them");
        return new NodeKeys(hostname, ownNames, postmaster, metricsAddress, AdminKeys.read(node));
    }
}
