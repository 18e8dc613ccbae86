package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;

/** What a {@link Dialog} wants done on its connection after something was heard. */
sealed interface Move {

    /** Hands this move to whoever can do the kinds; a new kind breaks every reader at compile time. */
    void tell(Cases cases);

    /** The kinds of move. */
    interface Cases {
        void onSend(ByteBuf flight);

        void onEnded(Transaction ended);

        void onBreak(Breakdown why);

        void onPlain(Plain move);
    }

    /** These octets are sent, and the time for what comes back begins. */
    record Send(ByteBuf flight) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onSend(flight);
        }
    }

    /** This transaction has ended by replies; the one that rode with its dot is answered next, if there was one. */
    record Ended(Transaction transaction) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onEnded(transaction);
        }
    }

    /** The connection ends, and what is on it, for this reason. */
    record Break(Breakdown why) implements Move {
        @Override
        public void tell(Cases cases) {
            cases.onBreak(why);
        }
    }

    /** Moves that need no more words. */
    enum Plain implements Move {
        /** More replies are awaited. */
        WAIT,
        START_TLS,
        /** It can carry mail: whoever asked for it hears so. */
        OPENED,
        SEND_CONTENT,
        /** The connection ends; nothing is on it. */
        CLOSE;

        @Override
        public void tell(Cases cases) {
            cases.onPlain(this);
        }
    }
}
