package org.postroad.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
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
import org.postroad.schemas.UnreachableException;

/**
 * Asks the observer that the configuration names; blocks for 20 s at most. Where none answers for this cluster, commands read the topics.
 */
final class ObserverClient {
    private static final int CONNECT_MILLIS = 1_000;
    private static final int ANSWER_MILLIS = 20_000;

    /** It says something every 30 s. */
    private static final int SILENT_MILLIS = 90_000;

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
                remark(answer).forEach(printer::error);
                return answer;
            }
        } catch (IOException e) {
            return withoutObserver(e);
        }
    }

    /** What is known of a message; null where the topics may know more. */
    @Nullable
    JsonNode message(String queueId) {
        JsonNode answer = ask("/v1/messages/" + queueId);
        if (answer != null && answer.path("events").isEmpty()) {
            printer.error("the observer has no events of it: the topics are read");
            return null;
        }
        return answer;
    }

    /** Whether there are events that it has not read, or may be. */
    static boolean isBehind(JsonNode answer) {
        long lag = answer.path("lag").asLong();
        return lag < 0 || lag > SHOWN_LAG;
    }

    /** What an answer may lack. */
    static List<String> remark(JsonNode answer) {
        List<String> remarks = new ArrayList<>();
        if (isBehind(answer)) {
            long lag = answer.path("lag").asLong();
            remarks.add(lag < 0 ? "the observer hears nothing of Kafka" : "the observer is " + lag + " events behind");
        }
        if (answer.path("gaps").asBoolean()) {
            remarks.add(
                    "the observer has not all events, as older ones had been deleted: mail that waits or is held since then may be"
                            + " missing here");
        }
        if (answer.has("messages") || answer.has("events")) {
            if (answer.path("more").asBoolean()) {
                remarks.add("there is more of it than one answer holds: what is oldest is left out");
            }
        }
        return remarks;
    }

    /** Nobody listens there, which is what an observer that is not run is like; all else is said. */
    private @Nullable JsonNode withoutObserver(IOException e) {
        if (!(e instanceof ConnectException)) {
            printer.error("the observer at " + Addresses.text(configuration.observer()) + " does not answer ("
                    + e.getMessage() + "): the topics are read");
        }
        return null;
    }

    /**
     * The same where nothing else can answer.
     *
     * @throws UnreachableException where there is no observer of this cluster
     */
    JsonNode require(String path) {
        JsonNode answer = ask(path);
        if (answer == null) {
            throw new UnreachableException("no observer answers", null);
        }
        return answer;
    }

    /** Lines as they come, until the observer ends or begins anew, which is said; none where there is no observer. */
    void follow(String path, Consumer<String> line) {
        try {
            HttpURLConnection connection = opened(path, SILENT_MILLIS);
            if (connection == null) {
                return;
            }
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
                for (String next = lines.readLine(); next != null; next = lines.readLine()) {
                    if (!next.isEmpty()) {
                        line.accept(next);
                    }
                }
            }
            printer.error("the observer has ended, and some events may be missed: the topics are read");
        } catch (IOException e) {
            withoutObserver(e);
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
