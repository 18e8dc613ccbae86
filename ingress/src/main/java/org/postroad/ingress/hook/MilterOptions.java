package org.postroad.ingress.hook;

/**
 * What a mail server and a milter agree on before all else: bits, by the numbers that libmilter has for them.
 *
 * @param bits of the protocol
 */
record MilterOptions(int bits) {
    static final int VERSION = 6;
    static final int OLDEST_VERSION = 2;

    private static final int ADDS_HEADERS = 0x01;
    private static final int CHANGES_HEADERS = 0x10;
    private static final int QUARANTINES = 0x20;

    /** What a milter may do. */
    static final int ACTIONS = ADDS_HEADERS | CHANGES_HEADERS | QUARANTINES;

    // What a milter wants not to hear of ...
    static final int NO_CONNECT = 0x1;
    static final int NO_HELO = 0x2;
    static final int NO_MAIL = 0x4;
    static final int NO_RCPT = 0x8;
    static final int NO_BODY = 0x10;
    static final int NO_HEADERS = 0x20;
    static final int NO_EOH = 0x40;
    static final int NO_UNKNOWN = 0x100;
    static final int NO_DATA = 0x200;

    // ... and what it gives no answer to.
    static final int SILENT_HEADERS = 0x80;
    static final int SILENT_CONNECT = 0x1000;
    static final int SILENT_HELO = 0x2000;
    static final int SILENT_MAIL = 0x4000;
    static final int SILENT_RCPT = 0x8000;
    static final int SILENT_DATA = 0x10000;
    static final int SILENT_UNKNOWN = 0x20000;
    static final int SILENT_EOH = 0x40000;
    static final int SILENT_BODY = 0x80000;

    /** It may say that it has seen enough of the text. */
    private static final int SKIPS = 0x400;

    /** Values of fields have the spaces before them. */
    private static final int LEADING_SPACES = 0x100000;

    /** All that a milter can choose here; of recipients that were refused it never hears. */
    static final int OFFERED = NO_CONNECT
            | NO_HELO
            | NO_MAIL
            | NO_RCPT
            | NO_BODY
            | NO_HEADERS
            | NO_EOH
            | NO_UNKNOWN
            | NO_DATA
            | SILENT_HEADERS
            | SILENT_CONNECT
            | SILENT_HELO
            | SILENT_MAIL
            | SILENT_RCPT
            | SILENT_DATA
            | SILENT_UNKNOWN
            | SILENT_EOH
            | SILENT_BODY
            | SKIPS
            | LEADING_SPACES;

    static final MilterOptions NONE = new MilterOptions(0);

    boolean has(int bit) {
        return (bits & bit) != 0;
    }

    boolean keepsLeadingSpaces() {
        return has(LEADING_SPACES);
    }
}
