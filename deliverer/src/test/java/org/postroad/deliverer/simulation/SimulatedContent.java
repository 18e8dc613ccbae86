package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.postroad.deliverer.content.ContentChunk;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;

/** The content of all large mail, the same for each, whose chunks take their time and cannot be read now and then. */
record SimulatedContent(SplittableRandom chance) implements ContentSource {
    private static final byte[] CHUNK = ("Subject: " + "x".repeat(400_000) + "\r\n").getBytes(UTF_8);
    private static final int CHUNKS = 3;

    static ContentRef reference() {
        CRC32C digest = new CRC32C();
        for (int i = 0; i < CHUNKS; i++) {
            digest.update(CHUNK);
        }
        return new ContentRef(new ContentId(new byte[16]), 0, List.of(0L, 1L, 2L), (long) CHUNKS * CHUNK.length, (int)
                digest.getValue());
    }

    @Override
    public void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver) {
        ContentChunk octets = chance.nextInt(50) == 0 ? null : ContentChunk.of(CHUNK);
        long millis = chance.nextInt(20) == 0 ? chance.nextInt(20_000) : chance.nextInt(50);
        loop.schedule(() -> receiver.chunk(octets, false), millis, TimeUnit.MILLISECONDS);
    }
}
