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
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(bloom)
                        .setFormatVersion(5));
        rows = RocksDB.open(options, directory.toString());
    }

    /**
     * Opens it, making it where there is none; one of another version, or that cannot be read, is made anew: it is a product of the
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
            return new Store(directory).begun();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    private static Store openOrMakeAnew(Path directory) throws RocksDBException {
        try {
            return new Store(directory).begun();
        } catch (RocksDBException damaged) {
            if (damaged.getStatus() == null || damaged.getStatus().getCode() != org.rocksdb.Status.Code.Corruption) {
                throw damaged;
            }
            delete(directory);
            return new Store(directory).begun();
        }
    }

    private Store begun() throws RocksDBException {
        if (get(Rows.VERSION_KEY) == null && !first(new byte[] {0})) {
            rows.put(unlogged, Rows.VERSION_KEY, Rows.VERSION);
        }
        return this;
    }

    private boolean isOfThisVersion() {
        return Arrays.equals(get(Rows.VERSION_KEY), Rows.VERSION);
    }

    private boolean first(byte[] from) {
        try (RocksIterator each = rows.newIterator()) {
            each.seek(from);
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
            }
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
            rows.close();
            unlogged.close();
            options.close();
            bloom.close();
            cache.close();
        }
    }

    private static IllegalStateException failed(RocksDBException e) {
        return new IllegalStateException("the index of the observer: " + e.getMessage(), e);
    }
}
