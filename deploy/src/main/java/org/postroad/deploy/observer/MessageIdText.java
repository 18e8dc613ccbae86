package org.postroad.deploy.observer;

/** A Message-ID as people copy it: with its angle brackets or without. */
public final class MessageIdText {
    private MessageIdText() {}

    /** As it is in events, without them. */
    public static String bare(String text) {
        String id = text.strip();
        return id.startsWith("<") && id.endsWith(">") ? id.substring(1, id.length() - 1) : id;
    }
}
