package org.postroad.deliverer.smtp;

import io.netty.channel.ConnectTimeoutException;
import java.net.NoRouteToHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/**
 * Why a connection came to its end before its work did.
 *
 * @param step what was going on
 * @param reply the exchanger's last words, when it said some
 * @param stale the connection had carried mail before, and broke before anything of this one was taken
 */
public record Breakdown(Kind kind, Step step, @Nullable Reply reply, String detail, boolean stale) {

    private static final Pattern SYSTEM_CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?[0-9]+\\): ");

    /** What broke. */
    public enum Kind {
        /** The exchanger could not be connected to. */
        UNREACHABLE,
        /** It said no before any mail. */
        REFUSED,
        /** It closed the connection. */
        LOST,
        TIMEOUT,
        /** What it said is no SMTP. */
        GARBAGE,
        /** TLS could not be had. */
        NO_TLS,
        /** We closed it: the content mail refers to does not exist. */
        CONTENT_GONE,
        /** We closed it: the content could not be read now. */
        CONTENT_UNREADABLE,
        /** We closed it: the permission to send the final dot did not come in time, or the mail leaves this node. */
        WITHHELD,
        /** An exception nobody foresaw. */
        FAULT
    }

    /** Whether the exchanger or the network ended it, not we. */
    boolean isTheirs() {
        return switch (kind) {
            case UNREACHABLE, REFUSED, LOST, TIMEOUT, GARBAGE, NO_TLS -> true;
            case CONTENT_GONE, CONTENT_UNREADABLE, WITHHELD, FAULT -> false;
        };
    }

    public static Breakdown of(Kind kind, Step step, String detail) {
        return new Breakdown(kind, step, null, detail, false);
    }

    /** Why a connection could not be made. */
    static Breakdown unreachable(Throwable cause) {
        boolean slow = cause instanceof ConnectTimeoutException;
        String detail = slow ? "connection timed out" : "cannot connect: " + briefly(cause);
        return of(Kind.UNREACHABLE, Step.CONNECT, detail);
    }

    /** "Connection refused", without the system call before it, and the address after it that the outcome names already. */
    private static String briefly(Throwable cause) {
        String message = SYSTEM_CALL.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
        int address = message.indexOf(": ");
        String words = address < 0 ? message : message.substring(0, address);
        if (!words.equals("null")) {
            return words;
        }
        return cause instanceof NoRouteToHostException
                ? "No route to host"
                : cause.getClass().getSimpleName();
    }

    /** The system could not even try to connect: it knows no way there, or has no address of its own for it. */
    public boolean isOfThisHost() {
        return kind == Kind.UNREACHABLE && !detail.contains("timed out") && !detail.contains("refused");
    }

    public Breakdown ofStaleConnection() {
        return new Breakdown(kind, step, reply, detail, true);
    }

    /** The exchanger took it for a command out of sequence, on a connection that had carried mail before. */
    public boolean isOutOfSequence() {
        return stale && kind == Kind.REFUSED && reply != null && OutOfSequence.isSaidBy(reply);
    }

    public static Breakdown refused(Step step, Reply reply) {
        return new Breakdown(Kind.REFUSED, step, reply, reply.text(), false);
    }
}
