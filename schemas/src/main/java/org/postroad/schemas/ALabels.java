package org.postroad.schemas;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.IDNA;
import org.jspecify.annotations.Nullable;

/**
 * Internationalized domain names in A-labels: IDNA2008 as UTS #46 processes it, non-transitional.
 *
 * <p>Not {@code java.net.IDN}: that is IDNA2003, whose mapping makes another domain of some names (sharp s becomes "ss",
 * final sigma sigma, joiners vanish), and knows no character younger than Unicode 3.2.
 */
final class ALabels {
    /** Immutable, safe for all threads. */
    private static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII
            | IDNA.USE_STD3_RULES
            | IDNA.CHECK_BIDI
            | IDNA.CHECK_CONTEXTJ
            | IDNA.CHECK_CONTEXTO);

    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private ALabels() {}

    /** The name in lower case and ASCII, or null where the rules give it no such form. */
    static @Nullable String of(String name) {
        if (name.codePoints().anyMatch(ALabels::isDropped)) {
            return null;
        }
        StringBuilder labels = new StringBuilder(name.length() + 16);
        IDNA.Info info = new IDNA.Info();
        UTS46.nameToASCII(name, labels, info);
        return info.hasErrors() ? null : labels.toString();
    }

    /** UTS #46 drops what is invisible, and the name without it is another; joiners have rules of their own. */
    private static boolean isDropped(int c) {
        return c != ZERO_WIDTH_NON_JOINER
                && c != ZERO_WIDTH_JOINER
                && UCharacter.hasBinaryProperty(c, UProperty.DEFAULT_IGNORABLE_CODE_POINT);
    }
}
