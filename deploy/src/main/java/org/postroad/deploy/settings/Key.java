package org.postroad.deploy.settings;

import java.util.List;

/**
 * One key as it is declared, for the documentation.
 *
 * @param says what may stand there, in words
 * @param words what it means
 * @param yaml its value in the section it was read of, else its default or its example
 * @param columns where it is a list of sections: the keys of one
 */
record Key(String path, String says, Default otherwise, String words, String yaml, List<Key> columns) {

    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
