package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** An index that cannot be read, or that nothing true can come of, says so and lets its files go. */
class FaultyStoreTest {
    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();

    @Test
    void aDamagedBlockMakesItUnfitAndItCanBeMadeAnew() throws Exception {
        try (Index index = Index.open(directory)) {
            for (int i = 0; i < 2_000; i++) {
                events.accept(index, events.id(), "a@x" + i + ".test");
            }
            index.commit();
        }
        damage(directory);
        assertThatThrownBy(() -> Index.open(directory)).isInstanceOf(UnfitIndexException.class);
        Store.delete(directory);
        try (Index index = Index.open(directory)) {
            assertThat(index.counts().all()).isZero();
        }
    }

    /** Overwrites the middle of all files with rows. */
    static void damage(Path directory) throws Exception {
        try (var files = Files.list(directory)) {
            List<Path> rows =
                    files.filter(file -> file.toString().endsWith(".sst")).toList();
            assertThat(rows).isNotEmpty();
            for (Path file : rows) {
                byte[] octets = Files.readAllBytes(file);
                for (int i = octets.length / 10; i < octets.length * 8 / 10; i++) {
                    octets[i] ^= 0x55;
                }
                Files.write(file, octets);
            }
        }
    }

    @Test
    void itsMakerDidNotKnowAKindOfEventsThatThisVersionKnows() throws Exception {
        try (Index index = Index.open(directory)) {
            index.apply(events.record(
                    ("{\"event\":\"flown\",\"queueId\":\"" + events.id() + "\",\"recipients\":[\"a@x.test\"]}")
                            .getBytes(UTF_8)));
            index.commit();
        }
        try (Index index = Index.open(directory)) {
            assertThat(index.sum(0).newer()).containsKey("flown");
        }
        try (Store store = Store.open(directory);
                WriteBatch batch = new WriteBatch()) {
            batch.put(Rows.NEWER_KEY, "delivered flown".getBytes(UTF_8));
            store.write(batch);
        }
        assertThatThrownBy(() -> Index.open(directory)).isInstanceOf(UnfitIndexException.class);
    }
}
