package org.postroad.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.observer.AdminTokens;
import org.postroad.deploy.observer.ObserverConfig;
import org.postroad.deploy.settings.ConfigurationException;

/** Asks the observer that the configuration names; blocks for 20 s at most. Where none answers for this cluster, commands read the topics. */
final class ObserverClient {
    private static final int CONNECT_MILLIS = 1_000;
    private static final int ANSWER_MILLIS = 20_000;
    private static final long SHOWN_LAG = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Configuration configuration;
    private final Printer printer;

    ObserverClient(Configuration configuration, Printer printer) {
        this.configuration = configuration;
        this.printer = printer;
    }

    /** A path with parameters, each a name and a value. */
    static String path(String path, Map<String, String> parameters) {
        StringBuilder text = new StringBuilder(path);
        char before = '?';
        for (Map.Entry<String, String> each : new TreeMap<>(parameters).entrySet()) {
            text.append(before).append(each.getKey()).append('=').append(encoded(each.getValue()));
            before = '&';
        }
        return text.toString();
    }

    /** A part of a path, or a value of a parameter. */
    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /**
     * The answer; null where there is no observer of this cluster, which is said when something else is there.
     *
     * @throws ConfigurationException when it refuses the question, or wants a token
     */
    @Nullable
    JsonNode ask(String path) {
        try {
            HttpURLConnection connection = opened(path, ANSWER_MILLIS);
            if (connection == null) {
                return null;
            }
            try (InputStream body = connection.getInputStream()) {
                JsonNode answer = JSON.readTree(body);
                long lag = answer.path("lag").asLong();
                if (lag > SHOWN_LAG) {
                    printer.error("the observer is " + lag + " events behind");
                }
                return answer;
            }
        } catch (IOException noObserver) {
            return null;
        }
    }

    /** Lines as they come, until the observer ends; false where there is none. */
    boolean follow(String path, Consumer<String> line) {
        try {
            HttpURLConnection connection = opened(path, 0);
            if (connection == null) {
                return false;
            }
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
                for (String next = lines.readLine(); next != null; next = lines.readLine()) {
                    line.accept(next);
                }
            }
            return true;
        } catch (IOException noObserver) {
            return false;
        }
    }

    private @Nullable HttpURLConnection opened(String path, int answerMillis) throws IOException {
        URI uri = URI.create("http://" + Addresses.text(configuration.observer()) + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(answerMillis);
        connection.setRequestProperty("Postroad-Kafka", ObserverConfig.cluster(configuration.kafka()));
        List<String> tokens = AdminTokens.in(configuration.adminTokensFile());
        if (!tokens.isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + tokens.get(0));
        }
        return isAnswer(connection.getResponseCode(), connection) ? connection : null;
    }

    private boolean isAnswer(int status, HttpURLConnection connection) throws IOException {
        String at = Addresses.text(configuration.observer());
        switch (status) {
            case HttpURLConnection.HTTP_OK -> {
                return true;
            }
            case HttpURLConnection.HTTP_BAD_REQUEST -> throw new ConfigurationException(words(connection));
            case HttpURLConnection.HTTP_UNAUTHORIZED ->
                throw new ConfigurationException(
                        "the observer at " + at + " wants another token than node.admin-tokens-file has first");
            default -> {
                printer.error(
                        "the observer at " + at + " does not answer (" + words(connection) + "): the topics are read");
                return false;
            }
        }
    }

    private static String words(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            return body == null
                    ? "status " + connection.getResponseCode()
                    : JSON.readTree(body).path("error").asText("status " + connection.getResponseCode());
        }
    }
}
