package org.postroad.deploy.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.User;
import org.postroad.ingress.auth.UsersEditor;
import org.postroad.ingress.auth.UsersFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who may log in at ingress: changes a file, which running nodes read again within seconds. */
@Command(
        name = "users",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "add|remove|list",
        description =
                "Changes or prints the users file; needs no cluster, and running nodes see a change within seconds.",
        footerHeading = "%nExample:%n",
        footer = "  postroad users add alice --file users")
final class UsersCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    /** Which file it is. */
    static final class FileOption {
        @Mixin
        private final ConfigOption config = new ConfigOption();

        @Option(names = "--file", description = "The users file (default: ingress.users-file of the configuration).")
        private @Nullable Path file;

        Path path(CommandSpec spec) {
            Path path = file != null ? file : config.load().ingress().usersFile();
            if (path == null) {
                throw new ParameterException(
                        spec.commandLine(), "--file is needed: the configuration has no ingress.users-file");
            }
            return path;
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec().commandLine(), "add, remove or list is needed");
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Adds a user or gives one another password, which is asked for, or read as a line of standard input.",
            footerHeading = "%nExample:%n",
            footer = "  postroad users add alice --file users < password.txt")
    int add(@Mixin FileOption file, @Parameters(paramLabel = "NAME", description = "Of the user.") String name)
            throws IOException {
        if (!UsersFile.isName(name)) {
            throw new ParameterException(
                    spec().commandLine(),
                    "\"" + name + "\" is no name: wanted 1 to 255 characters, no colon and no control character");
        }
        Path path = file.path(spec());
        boolean known = new UsersEditor(path).put(name, password());
        printer().line(name + (known ? " has another password" : " may log in"));
        return ExitCode.DONE;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a user; sessions that are logged in go on.",
            footerHeading = "%nExample:%n",
            footer = "  postroad users remove alice --file users")
    int remove(@Mixin FileOption file, @Parameters(paramLabel = "NAME", description = "Of the user.") String name)
            throws IOException {
        boolean known = new UsersEditor(file.path(spec())).remove(name);
        printer().line(known ? name + " may not log in any more" : "there is no " + name);
        return known ? ExitCode.DONE : ExitCode.FINDING;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Prints the users and the mechanisms by which each can log in.",
            footerHeading = "%nExample:%n",
            footer = "  postroad users list --json")
    int list(@Mixin FileOption file, @Option(names = "--json", description = "As JSON lines.") boolean json)
            throws IOException {
        Printer printer = printer();
        for (User user : new UsersFile(file.path(spec())).all().values()) {
            boolean scram = user.scram() != null;
            if (json) {
                printer.json(Map.of("user", user.name(), "scram", scram));
            } else {
                printer.line(user.name() + (scram ? "  PLAIN, LOGIN, SCRAM-SHA-256" : "  PLAIN, LOGIN"));
            }
        }
        return ExitCode.DONE;
    }

    @SuppressWarnings("SystemConsoleNull") // the start script asks for the console of java.base, on any JDK
    private String password() throws IOException {
        Console console = System.console();
        if (console == null) {
            return checked(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
        }
        char[] first = console.readPassword("Password: ");
        if (!Arrays.equals(first, console.readPassword("Again: "))) {
            throw new ParameterException(spec().commandLine(), "the two passwords differ");
        }
        return checked(first == null ? null : new String(first));
    }

    private String checked(@Nullable String password) {
        if (password == null || password.isEmpty()) {
            throw new ParameterException(spec().commandLine(), "an empty password");
        }
        return password;
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    private Printer printer() {
        return Printer.of(spec());
    }
}
