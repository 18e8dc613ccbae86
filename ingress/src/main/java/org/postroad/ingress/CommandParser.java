package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Reply;

/**
 * Reads command lines: RFC 5321 section 4.1, with the parameters of RFC 1870, 3461, 6152 and 6531, and addresses in the forms that devices
 * and scripts are known to send: without angle brackets, without a space behind them, without a domain.
 */
final class CommandParser {
    /** Fewer than a long has; more than any message may be. */
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    private final Mailbox postmaster;

    /**
     * @param postmaster whom a {@code <Postmaster>} without a domain means (RFC 5321 section 4.5.1); others are completed with its domain
     */
    CommandParser(Mailbox postmaster) {
        this.postmaster = postmaster;
    }

    /** Reads {@code line[0, length)}, which has no CRLF; whatever is wrong with it is a {@link Command.Bad}. */
    Command parse(byte[] line, int length) {
        if (HttpRequest.isIn(line, length)) {
            return Command.Verb.HTTP;
        }
        String text = text(line, length);
        if (text == null) {
            return HttpRequest.isInAnyPart(line, length) ? Command.Verb.HTTP : unreadable(line, length);
        }
        String command = Ascii.stripTrailing(text);
        int space = command.indexOf(' ');
        String verb = space < 0 ? command : command.substring(0, space);
        String argument = space < 0 ? "" : Ascii.stripLeading(command.substring(space + 1));
        return parse(Ascii.upper(verb), argument);
    }

    /** A greeting may be anything, in whatever character set: no mail is refused for it (RFC 5321 section 4.1.4). */
    private static Command unreadable(byte[] line, int length) {
        String latin1 = new String(line, 0, length, ISO_8859_1);
        boolean extended = Ascii.startsWithIgnoringCase(latin1, "EHLO ");
        boolean greeting = extended || Ascii.startsWithIgnoringCase(latin1, "HELO ");
        return greeting && !hasControls(line, length)
                ? hello(Ascii.strip(latin1.substring(5)), extended)
                : new Command.Bad(Replies.BAD_OCTETS);
    }

    private static boolean hasControls(byte[] line, int length) {
        for (int i = 0; i < length; i++) {
            if ((line[i] >= 0 && line[i] < ' ') || line[i] == 0x7F) {
                return true;
            }
        }
        return false;
    }

    /** What a line is that grew too long, of which {@code line[0, length)} is the beginning and the end. */
    static Command tooLong(byte[] line, int length) {
        return HttpRequest.isInAnyPart(line, length) ? Command.Verb.HTTP : new Command.Bad(Replies.LINE_TOO_LONG);
    }

    private Command parse(String verb, String argument) {
        return switch (verb) {
            case "EHLO" -> hello(argument, true);
            case "HELO" -> hello(argument, false);
            case "MAIL" -> mail(argument);
            case "RCPT" -> rcpt(argument);
            case "DATA" -> alone(Command.Verb.DATA, argument);
            case "RSET" -> alone(Command.Verb.RSET, argument);
            case "QUIT" -> alone(Command.Verb.QUIT, argument);
            case "STARTTLS" -> alone(Command.Verb.STARTTLS, argument);
            case "AUTH" -> auth(argument);
            case "BDAT" -> bdat(argument);
            case "NOOP" -> Command.Verb.NOOP;
            case "HELP" -> Command.Verb.HELP;
            case "VRFY" -> argument.isEmpty() ? new Command.Bad(Replies.BAD_ARGUMENTS) : Command.Verb.VRFY;
            case "GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT" -> Command.Verb.HTTP;
            default -> new Command.Bad(Replies.UNKNOWN);
        };
    }

    /** The line as text, or null when it has control octets or is not UTF-8. */
    private static @Nullable String text(byte[] line, int length) {
        if (hasControls(line, length)) {
            return null;
        }
        boolean ascii = true;
        for (int i = 0; i < length; i++) {
            ascii &= line[i] >= 0;
        }
        if (ascii) {
            return new String(line, 0, length, ISO_8859_1);
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length)).toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    private static Command hello(String argument, boolean extended) {
        return argument.isEmpty() ? new Command.Bad(Replies.BAD_ARGUMENTS) : new Command.Hello(argument, extended);
    }

    private static Command alone(Command.Verb verb, String argument) {
        return argument.isEmpty() ? verb : new Command.Bad(Replies.NO_ARGUMENTS);
    }

    private static Command bdat(String argument) {
        int space = argument.indexOf(' ');
        String size = space < 0 ? argument : argument.substring(0, space);
        boolean isLast = Ascii.equalsIgnoringCase(Ascii.strip(argument.substring(size.length())), "LAST");
        boolean readable = DIGITS.matcher(size).matches() && (isLast || size.length() == argument.length());
        return readable ? new Command.Bdat(Long.parseLong(size), isLast) : Command.Verb.UNREADABLE_BDAT;
    }

    private static Command auth(String argument) {
        String[] words = argument.split(" ", -1);
        return words.length > 2 || words[0].isEmpty()
                ? new Command.Bad(Replies.BAD_ARGUMENTS)
                : new Command.Auth(Ascii.upper(words[0]), words.length == 2 ? words[1] : null);
    }

    private Command mail(String argument) {
        PathArgument path = PathArgument.parse(argument, "FROM:");
        if (path == null) {
            return new Command.Bad(Replies.BAD_ARGUMENTS);
        }
        Mailbox mailbox = path.address().isEmpty() ? null : mailbox(path.address());
        if (mailbox == null && !path.address().isEmpty()) {
            return new Command.Bad(Replies.BAD_REVERSE_PATH);
        }
        String reversePath = mailbox == null ? "" : mailbox.toString();
        Reply flaw = flaw(path, reversePath, Replies.BAD_REVERSE_PATH);
        MailParameters parameters = new MailParameters();
        Reply refusal = parameters.readAll(path.parameters());
        if (refusal != null) {
            return new Command.Bad(refusal);
        }
        MailOptions options = parameters.options();
        return options.smtpUtf8() || isAscii(reversePath)
                ? new Command.Mail(reversePath, options, flaw)
                : new Command.Bad(Replies.NEEDS_SMTPUTF8);
    }

    private Command rcpt(String argument) {
        PathArgument path = PathArgument.parse(argument, "TO:");
        if (path == null) {
            return new Command.Bad(Replies.BAD_ARGUMENTS);
        }
        boolean local = Ascii.equalsIgnoringCase(path.address(), "postmaster");
        Mailbox recipient = local ? postmaster : mailbox(path.address());
        if (recipient == null) {
            return new Command.Bad(Replies.BAD_RECIPIENT);
        }
        Reply flaw = local && path.wellFormed() ? null : flaw(path, recipient.toString(), Replies.BAD_RECIPIENT);
        if (path.parameters().isEmpty()) {
            return new Command.Rcpt(recipient, RcptOptions.NONE, flaw);
        }
        RcptParameters parameters = new RcptParameters();
        Reply refusal = parameters.readAll(path.parameters());
        return refusal == null ? new Command.Rcpt(recipient, parameters.options(), flaw) : new Command.Bad(refusal);
    }

    /** Of an address, completed where it is a lone local-part; null where it is neither. */
    private @Nullable Mailbox mailbox(String address) {
        Mailbox mailbox = Mailbox.parse(address, true);
        return mailbox == null ? Mailbox.parse(address + "@" + postmaster.domain(), true) : mailbox;
    }

    private static @Nullable Reply flaw(PathArgument path, String mailbox, Reply incomplete) {
        if (!path.wellFormed()) {
            return Replies.BAD_ARGUMENTS;
        }
        return path.address().equals(mailbox) ? null : incomplete;
    }

    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
