package org.postroad.broker;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process whose broker tells its address on standard output and then waits to be killed, or for its parent's end. */
final class BrokerToBeKilled {
    private BrokerToBeKilled() {}

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), 0);
                PrintStream out =
                        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            out.println(broker.bootstrapServers());
            System.in.read();
        }
    }
}
