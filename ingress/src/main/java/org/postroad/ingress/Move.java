package org.postroad.ingress;

import org.postroad.schemas.Reply;

/** What a session wants done on its connection. */
sealed interface Move {

    /** Hands this move to whoever can do the kinds; a new kind breaks every reader at compile time. */
    void tell(Cases cases);

    /** The kinds of move. */
    interface Cases {
        void onSay(Reply reply);

        void onTakeContent(IncomingContent content);

        void onSkip(long octets);

        void onStep(Step step);
    }

    /** The reply is sent. */
    record Say(Reply reply) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onSay(reply);
        }
    }

    /** What comes next is content, up to its end. */
    record TakeContent(IncomingContent content) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onTakeContent(content);
        }
    }

    /** So many octets that come next are dropped, and then come command lines. */
    record Skip(long octets) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onSkip(octets);
        }
    }

    /** Moves that need no more words. */
    enum Step implements Move {
        /** What comes next is command lines. */
        TAKE_COMMANDS,
        /** What comes next is one line of an AUTH exchange. */
        TAKE_AUTH_LINE,
        /** Nothing is taken until the next move. */
        WAIT,
        /** What has come so far is forgotten, and a handshake begins once all that was said is on its way. */
        START_TLS,
        /** The connection ends once all that was said is on its way. */
        CLOSE;

        @Override
        public void tell(Cases cases) {
            cases.onStep(this);
        }
    }
}
