package org.postroad.deploy.settings;

import java.util.List;

/** The configuration cannot be used; each fault is one line that an operator reads. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** As many as one line can name. */
    private static final int NAMED = 8;

    private final List<String> faults;

    public ConfigurationException(String fault) {
        this(List.of(fault));
    }

    ConfigurationException(String fault, Throwable cause) {
        super(fault, cause);
        this.faults = List.of(fault);
    }

    ConfigurationException(List<String> faults) {
        super(line(faults));
        this.faults = List.copyOf(faults);
    }

    /** All of them, in the order of the file, each naming the place, the key, the value and what is wanted. */
    public List<String> faults() {
        return faults;
    }

    private static String line(List<String> faults) {
        String named = String.join("; ", faults.subList(0, Math.min(NAMED, faults.size())));
        return faults.size() <= NAMED
                ? named
                : named + "; and " + (faults.size() - NAMED) + " more, which 'postroad config check' lists";
    }
}
