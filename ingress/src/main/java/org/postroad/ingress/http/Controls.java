package org.postroad.ingress.http;

/** Characters that no header may hold: with a line end, whoever fills in a subject could write headers of his own. */
final class Controls {
    private Controls() {}

    static boolean isIn(String text) {
        return text.chars().anyMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029);
    }
}
