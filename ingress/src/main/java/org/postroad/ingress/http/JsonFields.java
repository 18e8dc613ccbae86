package org.postroad.ingress.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a JSON text field by field; whatever is not what is wanted is told with the path of its field. Confined to one thread. */
final class JsonFields {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Names are the client's, and not to be kept for ever: those of substitutions are anything.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNameLength(1_024)
                    .maxStringLength(64 * 1024 * 1024)
                    .build())
            .build();

    private final JsonParser json;

    /** What reads the value of one field; the parser stands on its first token. */
    interface Value {
        void read(String name, String path) throws IOException, UnfitRequestException;
    }

    /** What reads one item of a list. */
    interface Item {
        void read(String path) throws IOException, UnfitRequestException;
    }

    private JsonFields(JsonParser json) {
        this.json = json;
    }

    /** What reads a whole text. */
    interface Text {
        void read(JsonFields fields) throws IOException, UnfitRequestException;
    }

    /** Reads {@code octets[0, length)}, which hold one object and nothing else. */
    static void read(byte[] octets, int length, Text text) throws UnfitRequestException {
        try (JsonParser json = FACTORY.createParser(octets, 0, length)) {
            json.nextToken();
            text.read(new JsonFields(json));
            if (json.nextToken() != null) {
                throw new UnfitRequestException(400, null, "something follows the JSON object");
            }
        } catch (JsonProcessingException e) {
            // Without the excerpt that comes with it: it may hold what is nobody else's.
            throw new UnfitRequestException(
                    400, null, "not JSON" + where(e.getLocation()) + ": " + firstLine(e.getOriginalMessage()));
        } catch (CharConversionException e) {
            throw new UnfitRequestException(400, null, "not JSON: octets that are no characters");
        } catch (IOException e) {
            throw new UncheckedIOException("octets in memory cannot be read", e);
        }
    }

    private static String where(@Nullable JsonLocation location) {
        return location == null ? "" : ", at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static String firstLine(@Nullable String message) {
        String text = String.valueOf(message);
        String line = text.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) : line;
    }

    /** Reads an object, each of whose fields goes to {@code value}. */
    void object(String path, Value value) throws IOException, UnfitRequestException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw wanted(path, "an object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            value.read(name, path.isEmpty() ? name : path + "." + name);
        }
    }

    /** Reads a list, or a lone value as a list of one. */
    void list(String path, int most, Item item) throws IOException, UnfitRequestException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            item.read(path);
            return;
        }
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == most) {
                throw new UnfitRequestException(400, path, "more than " + most);
            }
            item.read(path + "[" + i + "]");
        }
    }

    boolean isString() {
        return json.currentToken() == JsonToken.VALUE_STRING;
    }

    boolean isObject() {
        return json.currentToken() == JsonToken.START_OBJECT;
    }

    /** A text of several lines, maybe. */
    String text(String path) throws IOException, UnfitRequestException {
        if (!isString()) {
            throw wanted(path, "a string");
        }
        String text = json.getText();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (c == 0 || Character.isSurrogate(c) && !pair) {
                throw new UnfitRequestException(400, path, c == 0 ? "has a NUL" : "has half a character");
            }
            i += pair ? 1 : 0;
        }
        return text;
    }

    /** A text without control characters, line ends among them: what may stand in a header. */
    String line(String path, int most) throws IOException, UnfitRequestException {
        String text = text(path);
        if (Controls.isIn(text)) {
            throw new UnfitRequestException(400, path, "has a line end or another control character");
        }
        if (text.length() > most) {
            throw new UnfitRequestException(400, path, "longer than " + most + " characters");
        }
        return text;
    }

    byte[] base64(String path) throws IOException, UnfitRequestException {
        if (!isString()) {
            throw wanted(path, "a string of Base64");
        }
        try {
            return json.getBinaryValue();
        } catch (StreamReadException e) {
            throw wanted(path, "Base64");
        }
    }

    static UnfitRequestException unknown(String path) {
        return new UnfitRequestException(400, path, "there is no such field");
    }

    private static UnfitRequestException wanted(String path, String what) {
        return new UnfitRequestException(400, path.isEmpty() ? null : path, "not " + what);
    }

    /** Texts of a list. */
    List<String> lines(String path, int most, int longest) throws IOException, UnfitRequestException {
        List<String> lines = new ArrayList<>();
        list(path, most, itsPath -> lines.add(line(itsPath, longest)));
        return lines;
    }
}
