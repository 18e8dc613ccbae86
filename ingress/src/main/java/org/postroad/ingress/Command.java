package org.postroad.ingress;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Reply;

/** What a client asks for in one line. */
sealed interface Command {

    /** Hands this command to whoever can tell the kinds apart; a new kind breaks every reader at compile time. */
    void tell(Cases cases);

    /** The kinds of command. */
    interface Cases {
        void onHello(Hello hello);

        void onMail(Mail mail);

        void onRcpt(Rcpt rcpt);

        void onAuth(Auth auth);

        void onBdat(Bdat bdat);

        void onVerb(Verb verb);

        void onBad(Bad bad);
    }

    /** EHLO, or HELO when not extended. */
    record Hello(String greeting, boolean extended) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onHello(this);
        }
    }

    /**
     * MAIL.
     *
     * @param reversePath empty for the null reverse-path
     * @param flaw what a stranger hears of its form, which those who may relay are forgiven; null where nothing is wrong
     */
    record Mail(
            String reversePath,
            MailOptions options,
            @Nullable Reply flaw) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onMail(this);
        }
    }

    /**
     * RCPT.
     *
     * @param flaw as of {@link Mail}
     */
    record Rcpt(
            Mailbox recipient,
            RcptOptions options,
            @Nullable Reply flaw) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onRcpt(this);
        }
    }

    /**
     * AUTH (RFC 4954).
     *
     * @param mechanism in upper case
     * @param initial the initial response in Base64, null where there is none
     */
    record Auth(String mechanism, @Nullable String initial) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onAuth(this);
        }
    }

    /** BDAT (RFC 3030): so many octets of content follow. */
    record Bdat(long octets, boolean last) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onBdat(this);
        }
    }

    /** Commands whose arguments do not matter. */
    enum Verb implements Command {
        DATA,
        /** BDAT whose size nobody can read: where commands go on is unknown. */
        UNREADABLE_BDAT,
        RSET,
        STARTTLS,
        NOOP,
        VRFY,
        HELP,
        QUIT,
        /** A web browser's, made to speak to us by somebody's page. */
        HTTP;

        @Override
        public void tell(Cases cases) {
            cases.onVerb(this);
        }
    }

    /** No command we know, or one we cannot read. */
    record Bad(Reply reply) implements Command {
        @Override
        public void tell(Cases cases) {
            cases.onBad(this);
        }
    }
}
