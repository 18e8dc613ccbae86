package org.postroad.bench;

/** Says on standard error what is being done and how far it is. */
final class Progress {
    private final int cases;
    private final long start = System.nanoTime();
    private String current = "";
    private int done = -1;

    Progress(int cases) {
        this.cases = cases;
    }

    void begin(String name) {
        current = name;
        done++;
        say("starting");
    }

    void say(String what) {
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        System.err.printf(
                "[%d of %d cases done, %d:%02d] %s: %s%n", done, cases, seconds / 60, seconds % 60, current, what);
    }
}
