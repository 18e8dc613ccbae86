package org.postroad.ingress.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The description of what may be posted and what is answered, for machines (OpenAPI 3.1). */
public final class OpenApi {
    private static final byte[] DOCUMENT = read();

    private OpenApi() {}

    public static Answer answer() {
        return new Answer(200, Answer.JSON, DOCUMENT, 0, false, "");
    }

    private static byte[] read() {
        try (InputStream document = OpenApi.class.getResourceAsStream("/openapi.json")) {
            if (document == null) {
                throw new IllegalStateException("openapi.json is not on the class path");
            }
            return document.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
