package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.Section;

/** Where an observer answers, whom, and where commands ask. */
record AdminKeys(InetSocketAddress address, Optional<Path> tokensFile, InetSocketAddress observer) {

    static AdminKeys read(Section node) {
        InetSocketAddress address = node.key(
                "admin-address",
                Forms.ADDRESS_AND_PORT,
                "127.0.0.1:9471",
                "where an observer answers by HTTP; elsewhere than on loopback only with `node.admin-tokens-file`");
        Optional<Path> tokensFile = node.key(
                "admin-tokens-file",
                Forms.FILE.optional(),
                Default.derived(() -> "", "none", "admin-tokens"),
                "tokens of 16 signs at least, a line each: a request to an observer has to bring one, and commands bring the first");
        InetSocketAddress observer = node.key(
                "observer",
                Forms.ADDRESS_AND_PORT,
                Default.derived(() -> Addresses.text(address), "`node.admin-address`", "127.0.0.1:9471"),
                "the observer that commands ask");
        return new AdminKeys(address, tokensFile, observer);
    }
}
