package org.postroad.ingress;

/** Content that nothing follows: it ends when whoever brings it says so. */
final class AllOfIt implements ContentDecoder {
    private boolean ended;

    /** All of it has come. */
    void end() {
        ended = true;
    }

    @Override
    public int decode(byte[] octets, int from, int to) {
        return to;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public boolean wantsMore() {
        return !ended;
    }

    @Override
    public int unread() {
        return 0;
    }

    @Override
    public boolean isDotted() {
        return false;
    }

    @Override
    public boolean bareLineEnd() {
        return false;
    }
}
