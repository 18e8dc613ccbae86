package org.postroad.deploy.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Durations;
import org.postroad.schemas.Mailbox;

/** The forms of values that several keys share. */
final class Forms {
    static final ValueForm<String> TEXT = new ValueForm<>("a text", text -> text, text -> text);
    static final ValueForm<Path> FILE = of("a file", Path::of, Path::toString, "the name of a file");
    static final ValueForm<Duration> DURATION = new ValueForm<>("a duration", Durations::parse, Durations::text);
    static final ValueForm<Boolean> YES_OR_NO = new ValueForm<>("`true` or `false`", Forms::yesOrNo, yes -> yes);
    static final ValueForm<InetSocketAddress> ADDRESS_AND_PORT =
            new ValueForm<>("an address and port", Addresses::parse, Addresses::text);
    static final ValueForm<InetAddress> ADDRESS =
            of("a numeric address", Addresses::host, InetAddress::getHostAddress, "a numeric address of this machine");
    static final ValueForm<String> HOST_NAME = ValueForm.text(
            "a host name", name -> Domain.isWellFormed(name, false), "a host name such as mail.example.org");
    static final ValueForm<String> HOST_NAME_OR_ADDRESS = ValueForm.text(
            "a host name or a numeric address",
            name -> isDomain(name) || Addresses.isHost(name),
            "a host name or a numeric address");
    static final ValueForm<Mailbox> MAILBOX =
            of("a mail address", Forms::mailbox, Mailbox::toString, "an address such as postmaster@example.org");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}");

    private Forms() {}

    /** A form whose reader throws IllegalArgumentException with words of its own, in place of which these are said. */
    static <T> ValueForm<T> of(String says, Function<String, T> parse, Function<T, Object> shows, String wanted) {
        return new ValueForm<>(
                says,
                text -> {
                    try {
                        return parse.apply(text);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException(wanted, e);
                    }
                },
                shows);
    }

    /** A domain in any form that people write: capitals, other alphabets, a dot at the end. */
    static boolean isDomain(String text) {
        return Domain.isWellFormed(Domain.canonical(text), true);
    }

    /** A whole number, so many at least. */
    static ValueForm<Integer> count(int least) {
        return new ValueForm<>(
                "a number, at least " + least,
                text -> within(text, least, Integer.MAX_VALUE, "at least " + least, "at most " + Integer.MAX_VALUE),
                count -> count);
    }

    /** A TCP port; where port 0 is allowed, it takes a free one. */
    static ValueForm<Integer> port(int least) {
        return new ValueForm<>("a port", text -> within(text, least, 65_535, "a port", "a port"), port -> port);
    }

    /** A number of octets within limits. */
    static ValueForm<Long> octets(long least, long most) {
        String range =
                least == 0 ? "at most " + new Octets(most) : "from " + new Octets(least) + " to " + new Octets(most);
        return new ValueForm<Long>("a size", text -> Octets.parse(text).count(), count -> new Octets(count).toString())
                .where(count -> count >= least && count <= most, range);
    }

    /** One of some values of an enum, which the file has in small letters. */
    @SafeVarargs
    @SuppressWarnings("varargs") // which are only read
    static <E extends Enum<E>> ValueForm<E> oneOf(E... values) {
        Map<String, E> byName = Stream.of(values).collect(Collectors.toMap(Forms::name, value -> value));
        List<String> names = Stream.of(values).map(Forms::name).toList();
        String says = names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
        return of(says, text -> known(byName.get(text)), Forms::name, "one of " + String.join(", ", names));
    }

    private static String name(Enum<?> value) {
        return Ascii.lower(value.name()).replace('_', '-');
    }

    private static int within(String text, int least, int most, String tooSmall, String tooLarge) {
        String digits = text.trim();
        if (!NUMBER.matcher(digits).matches()) {
            throw new IllegalArgumentException("a whole number");
        }
        BigInteger number = new BigInteger(digits);
        if (number.compareTo(BigInteger.valueOf(least)) < 0) {
            throw new IllegalArgumentException(tooSmall);
        }
        if (number.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new IllegalArgumentException(tooLarge);
        }
        return number.intValue();
    }

    /** No other word: a typing error must not switch anything off. */
    private static boolean yesOrNo(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("true or false");
        }
        return text.equals("true");
    }

    private static Mailbox mailbox(String text) {
        return known(Mailbox.parse(text, false));
    }

    private static <T> T known(@Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException();
        }
        return value;
    }
}
