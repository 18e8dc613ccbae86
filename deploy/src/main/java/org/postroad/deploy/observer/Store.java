package org.postroad.deploy.observer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The rows of the index on a disk, in some 200 MiB of memory outside the heap however many they are.
 *
 * <p>There is no log of writes: all rows lie in one column family, whose memory is written to disk in the order of its batches. So after
 * a crash the store is what it was at the end of some batch, positions included, and the events since are read again. Confined to one
 * thread.
 */
final class Store implements AutoCloseable {
    private static final long CACHE_OCTETS = 64L << 20;
    private static final long WRITE_BUFFER_OCTETS = 32L << 20;
    private static final int WRITE_BUFFERS = 3;
    private static final int BLOOM_BITS = 10;

    /** RocksDB's own log, of which there are two files. */
    private static final long LOG_OCTETS = 8L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final Cache cache = new LRUCache(CACHE_OCTETS);
    private final BloomFilter bloom = new BloomFilter(BLOOM_BITS, false);
    private final Options options = new Options();
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final RocksDB rows;

    private Store(Path directory) throws RocksDBException {
        options.setCreateIfMissing(true)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(WRITE_BUFFER_OCTETS)
                .setMaxWriteBufferNumber(WRITE_BUFFERS)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(256)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(LOG_OCTETS)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(bloom)
                        .setFormatVersion(5));
        try {
            rows = RocksDB.open(options, directory.toString());
        } catch (RocksDBException | RuntimeException e) {
            closeMemory();
            throw e;
        }
    }

    /** Loads the library now, so that what fails fails for whoever starts, and not for a thread. */
    static void loadLibrary() {
        // This class has loaded it.
    }

    /**
     * Opens it, making it where there is none; one of another version, or that is damaged, is made anew: it is a product of the
     * events.
     */
    static Store open(Path directory) {
        try {
            Files.createDirectories(directory);
            Store store = openOrMakeAnew(directory);
            if (store.isOfThisVersion()) {
                return store;
            }
            store.close();
            delete(directory);
            return begun(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    private static Store openOrMakeAnew(Path directory) throws RocksDBException {
        try {
            return begun(directory);
        } catch (RocksDBException e) {
            if (!isDamage(e)) {
                throw e;
            }
        } catch (UnfitIndexException e) {
            // What was opened is closed.
        }
        delete(directory);
        return begun(directory);
    }

    private static Store begun(Path directory) throws RocksDBException {
        Store store = new Store(directory);
        try {
            if (store.get(Rows.VERSION_KEY) == null && !store.first(new byte[] {0})) {
                store.rows.put(store.unlogged, Rows.VERSION_KEY, Rows.VERSION);
            }
            return store;
        } catch (RocksDBException | RuntimeException e) {
            store.closeWithoutFlush();
            throw e;
        }
    }

    private boolean isOfThisVersion() {
        return Arrays.equals(get(Rows.VERSION_KEY), Rows.VERSION);
    }

    private boolean first(byte[] from) throws RocksDBException {
        try (RocksIterator each = rows.newIterator()) {
            each.seek(from);
            each.status();
            return each.isValid();
        }
    }

    /** Deletes one that is closed. */
    static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte @Nullable [] get(byte[] key) {
        try {
            return rows.get(key);
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** All of it or nothing. */
    void write(WriteBatch batch) {
        try {
            rows.write(unlogged, batch);
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** Hears rows in order; false ends it. */
    interface Reader {
        boolean row(byte[] key, byte[] value);
    }

    /** Rows that begin so, in order. */
    void each(byte[] prefix, Reader reader) {
        from(prefix, prefix, reader);
    }

    /** The same from a key on. */
    void from(byte[] start, byte[] prefix, Reader reader) {
        try (ReadOptions once = new ReadOptions().setFillCache(false);
                RocksIterator each = rows.newIterator(once)) {
            for (each.seek(start); each.isValid(); each.next()) {
                byte[] key = each.key();
                if (!Rows.startsWith(key, prefix) || !reader.row(key, each.value())) {
                    break;
                }
            }
            each.status();
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** For each beginning the first row that has it, if there is one; quick when they come in order. */
    void firsts(Iterable<byte[]> prefixes, Reader reader) {
        try (RocksIterator each = rows.newIterator()) {
            for (byte[] prefix : prefixes) {
                each.seek(prefix);
                if (each.isValid() && Rows.startsWith(each.key(), prefix)) {
                    reader.row(each.key(), each.value());
                }
                each.status();
            }
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** Rows that begin so, the last first. */
    void eachBackwards(byte[] prefix, Reader reader) {
        byte[] behind = Arrays.copyOf(prefix, prefix.length);
        behind[behind.length - 1]++; // each prefix ends with a NUL or a letter
        try (RocksIterator each = rows.newIterator()) {
            for (each.seekForPrev(behind); each.isValid(); each.prev()) {
                byte[] key = each.key();
                if (Rows.startsWith(key, prefix)) {
                    if (!reader.row(key, each.value())) {
                        break;
                    }
                } else if (Arrays.compareUnsigned(key, prefix) < 0) {
                    break;
                }
            }
            each.status();
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        // Closing writes nothing: what is in memory alone would be read again, which takes time and is no loss.
        try (org.rocksdb.FlushOptions wait = new org.rocksdb.FlushOptions().setWaitForFlush(true)) {
            rows.flush(wait);
        } catch (RocksDBException notNow) {
            throw failed(notNow);
        } finally {
            closeWithoutFlush();
        }
    }

    /** What cannot be read need not be written either. */
    void closeWithoutFlush() {
        rows.close();
        closeMemory();
    }

    private void closeMemory() {
        unlogged.close();
        options.close();
        bloom.close();
        cache.close();
    }

    private static boolean isDamage(RocksDBException e) {
        return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
    }

    private static IllegalStateException failed(RocksDBException e) {
        String words = "the index of the observer: " + e.getMessage();
        return isDamage(e) ? new UnfitIndexException(words, e) : new IllegalStateException(words, e);
    }
}
