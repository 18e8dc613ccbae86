package org.postroad.ingress.quota;

/** What is counted of what somebody sends. */
public enum Counted {
    MAILS("mails", "messages", 450),
    RECIPIENTS("recipients", "recipients", 452);

    final String word;
    final String words;

    /** The reply code beyond it; a client that hears 452 at RCPT sends to those who were taken (RFC 5321 section 4.5.3.1.10). */
    final int code;

    Counted(String word, String words, int code) {
        this.word = word;
        this.words = words;
        this.code = code;
    }
}
