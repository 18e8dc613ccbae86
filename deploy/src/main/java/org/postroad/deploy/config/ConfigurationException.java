package org.postroad.deploy.config;

/** The configuration cannot be used; the message is the one line an operator reads. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ConfigurationException(String fault) {
        super(fault);
    }

    ConfigurationException(String fault, Throwable cause) {
        super(fault, cause);
    }

    /** One key with a value that does not fit. */
    static ConfigurationException of(String key, Object value, String wanted) {
        String shown = String.valueOf(value).replaceAll("\\s*\\R\\s*", " ");
        return new ConfigurationException(key + ": " + shown + " is not " + wanted);
    }
}
