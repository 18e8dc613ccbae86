package org.postroad.router;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One bound on the memory of all tasks' stores together: RocksDB's own defaults are near 100 MiB for each, and a node may
 * have 24. Public because Streams makes it by its name.
 */
public final class ParkedStoreMemory implements RocksDBConfigSetter {
    private static final long CACHE_OCTETS = 32L * 1024 * 1024;
    private static final long WRITE_BUFFER_OCTETS = 4L * 1024 * 1024;

    // Shared by every store for as long as the JVM lives, so close() leaves them alone.
    private static final Cache CACHE = new LRUCache(CACHE_OCTETS);
    private static final WriteBufferManager WRITE_BUFFERS = new WriteBufferManager(CACHE_OCTETS / 2, CACHE);

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
            table.setBlockCache(CACHE).setCacheIndexAndFilterBlocks(true);
            options.setTableFormatConfig(table);
        }
        options.setWriteBufferManager(WRITE_BUFFERS).setWriteBufferSize(WRITE_BUFFER_OCTETS);
        options.setMaxWriteBufferNumber(2);
    }

    @Override
    public void close(String storeName, Options options) {}
}
