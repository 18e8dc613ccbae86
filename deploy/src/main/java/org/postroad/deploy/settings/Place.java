package org.postroad.deploy.settings;

import java.util.Map;

/** Where a reading is: the path of a key, with what is asked and told about it. */
public record Place(Reading reading, String path) {

    Place named(String name) {
        return new Place(reading, path.isEmpty() ? name : path + "." + name);
    }

    Place element(int index) {
        return new Place(reading, path + "[" + index + "]");
    }

    /** The same place in a reading of which nothing is told. */
    Place apart() {
        return new Place(reading.apart(), path);
    }

    void fault(Written at, String text) {
        reading.fault(at, path, text);
    }

    /** The second of two equal keys would silently replace the first, a whole section perhaps. */
    void duplicate(Written key) {
        reading.fault(key, "", "found duplicate key " + path);
    }

    Written overlaid(Written written) {
        return reading.environment().over(path, written);
    }

    boolean isInEnvironment() {
        return reading.environment().hasBelow(path);
    }

    Map<String, Written> takeBelow() {
        return reading.environment().takeBelow(path);
    }
}
