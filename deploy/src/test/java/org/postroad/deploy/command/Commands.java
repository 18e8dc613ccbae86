package org.postroad.deploy.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs commands in this process, as a shell would. */
public final class Commands {
    private Commands() {}

    /** What a command said and its exit code. */
    public record Answer(int code, String out, String err) {}

    public static Answer run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = CommandTree.of(args);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int code = line.execute(args);
        return new Answer(code, out.toString(), err.toString());
    }
}
