package org.postroad.deploy.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.postroad.schemas.Ascii;

/** Which name somebody meant who wrote one that there is not. */
public final class NearName {
    private NearName() {}

    /** The nearest of the names, if it is near at all: one letter of three, two of nine, three of more. */
    public static Optional<String> of(String written, Collection<String> names) {
        int near = written.length() <= 3 ? 1 : written.length() <= 9 ? 2 : 3;
        String plain = plain(written);
        return names.stream()
                .filter(name -> Math.abs(name.length() - written.length()) <= near)
                .min(Comparator.comparingInt(name -> distance(plain, plain(name))))
                .filter(name -> distance(plain, plain(name)) <= near);
    }

    private static String plain(String name) {
        return Ascii.lower(name).replace('_', '-');
    }

    /** How many letters must be added, left out or changed (Levenshtein). */
    static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
