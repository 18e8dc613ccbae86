package org.postroad.testkit;

import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process whose broker tells its address on standard output and then waits to be killed. */
final class BrokerToBeKilled {
    private BrokerToBeKilled() {}

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), 0);
                PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            out.println(broker.bootstrapServers());
            new CountDownLatch(1).await();
        }
    }
}
