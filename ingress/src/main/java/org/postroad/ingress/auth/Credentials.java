package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who may log in, and by which mechanisms. Nothing tells a user nobody knows from one with a wrong password: both take the same way and
 * the same time.
 *
 * <p>Safe for all event loops.
 */
public final class Credentials implements AutoCloseable {
    private static final int NONCE_OCTETS = 18;
    private static final int SECRET_OCTETS = 32;
    private static final int SALT_OCTETS = 16;

    private final UsersFile users;
    private final PasswordChecks checks = new PasswordChecks();
    private final SecureRandom random = new SecureRandom();
    private final byte[] secret = new byte[SECRET_OCTETS];

    /** What a check has shown. */
    public enum Verdict {
        RIGHT,
        WRONG,
        /** There is too much to check. */
        BUSY,
        /** It is not checked any more. */
        BARRED
    }

    public Credentials(UsersFile users) {
        this.users = users;
        random.nextBytes(secret);
    }

    /** Takes what has changed in the users file; not for an event loop. */
    public void refresh() {
        users.refresh();
    }

    /**
     * Names of mechanisms, the best first.
     *
     * @param certified names that a verified certificate of the client has
     */
    public List<String> mechanisms(List<String> certified) {
        List<String> names = new ArrayList<>(4);
        if (!among(certified).isEmpty()) {
            names.add("EXTERNAL");
        }
        if (users.hasScram()) {
            names.add("SCRAM-SHA-256");
        }
        names.add("PLAIN");
        names.add("LOGIN");
        return names;
    }

    private List<String> among(List<String> certified) {
        return certified.isEmpty()
                ? List.of()
                : certified.stream().filter(name -> users.find(name) != null).toList();
    }

    /**
     * A new exchange by a mechanism; null for one that is not offered.
     *
     * @param name in upper case
     * @param certified as of {@link #mechanisms}
     */
    public @Nullable Mechanism mechanism(String name, List<String> certified) {
        return switch (name) {
            case "EXTERNAL" -> {
                List<String> its = among(certified);
                yield its.isEmpty() ? null : new ExternalMechanism(its);
            }
            case "PLAIN" -> new PlainMechanism();
            case "LOGIN" -> new LoginMechanism();
            case "SCRAM-SHA-256" -> users.hasScram() ? new ScramMechanism(this, nonce()) : null;
            default -> null;
        };
    }

    /** Whether just this was right before, so that no time need be spent on it. */
    public boolean isKnown(Mechanism.Step.Check wanted) {
        User user = users.find(wanted.user());
        return user != null && checks.isKnown(user.bcrypt(), wanted.password());
    }

    /**
     * Whether the password is right.
     *
     * @param then hears on the loop, exactly once and never before this returns
     */
    public void check(Mechanism.Step.Check wanted, EventExecutor loop, Consumer<Verdict> then) {
        User user = users.find(wanted.user());
        checks.check(user == null ? null : user.bcrypt(), wanted.password(), users.highestCost(), loop, matches -> {
            if (matches == null) {
                then.accept(Verdict.BUSY);
            } else {
                then.accept(matches ? Verdict.RIGHT : Verdict.WRONG);
            }
        });
    }

    @Nullable
    ScramKeys scramKeys(String name) {
        User user = users.find(name);
        return user == null ? null : user.scram();
    }

    /** The same each time, or it would show that there is no such user. */
    byte[] saltOfNobody(String name) {
        return Arrays.copyOf(ScramKeys.hmac(secret, name), SALT_OCTETS);
    }

    private String nonce() {
        byte[] octets = new byte[NONCE_OCTETS];
        random.nextBytes(octets);
        return Base64.getEncoder().encodeToString(octets);
    }

    /** UTF-8 without control characters; null for anything else. */
    static @Nullable String text(byte[] octets, int from, int to) {
        try {
            String text = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(octets, from, to - from))
                    .toString();
            return text.chars().anyMatch(Character::isISOControl) ? null : text;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    @Override
    public void close() {
        checks.close();
    }
}
