package org.postroad.deploy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** What a command says: its answer to standard output, its progress to standard error. */
public final class Printer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;

    private Printer(PrintWriter out, PrintWriter err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    static Printer of(CommandSpec spec) {
        return new Printer(
                spec.commandLine().getOut(), spec.commandLine().getErr(), Boolean.getBoolean("postroad.terminal"));
    }

    public void line(String text) {
        out.println(text);
        out.flush();
    }

    public void line(String format, Object... values) {
        line(String.format(java.util.Locale.ROOT, format, values));
    }

    /** One object on one line. */
    public void json(Map<String, ?> fields) {
        line(jsonText(fields));
    }

    static String jsonText(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what we print is always JSON", e);
        }
    }

    public void error(String text) {
        err.println(text);
        err.flush();
    }

    /** Lines in place of what a terminal shows; elsewhere behind what was printed before. */
    void screen(List<String> lines) {
        if (terminal) {
            out.print("\u001b[H\u001b[2J");
        }
        lines.forEach(this::line);
        if (!terminal) {
            line("");
        }
    }

    /** One line that the next progress overwrites; nothing where nobody watches. */
    public void progress(String text) {
        if (terminal) {
            err.print("\r" + text + "\u001b[K");
            err.flush();
        }
    }

    /** Ends the line that progress stands in. */
    public void progressEnds() {
        if (terminal) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
