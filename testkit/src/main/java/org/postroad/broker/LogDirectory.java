package org.postroad.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/** A broker's log directory, formatted once and held by one process at a time. */
final class LogDirectory implements AutoCloseable {
    private static final String LOCK_FILE = ".postroad.lock";

    private final Path path;
    private final FileChannel lockFile;

    private LogDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Takes the directory, making it where there is none.
     *
     * @throws DirectoryInUseException when a living process holds it; a dead one's lock died with it
     */
    static LogDirectory take(Path path) throws IOException {
        Files.createDirectories(path);
        FileChannel lockFile =
                FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new DirectoryInUseException(path);
        }
        return new LogDirectory(path, lockFile);
    }

    private static boolean locked(FileChannel lockFile) throws IOException {
        try {
            @Nullable FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** What the directory says of itself, formatted first if it is new. */
    MetaPropertiesEnsemble formatted() throws IOException {
        MetaPropertiesEnsemble found = properties();
        // Kafka writes meta.properties last, so a directory that has it is whole, and one that lacks it holds no mail.
        if (found.clusterId().isPresent()) {
            return found;
        }
        format(path, 1, Uuid.randomUuid().toString());
        return properties();
    }

    private MetaPropertiesEnsemble properties() throws IOException {
        return new MetaPropertiesEnsemble.Loader()
                .addLogDirs(List.of(path.toString()))
                .addMetadataLogDir(path.toString())
                .load();
    }

    static void format(Path path, int nodeId, String clusterId) throws IOException {
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setClusterId(clusterId)
                    .setNodeId(nodeId)
                    .setIgnoreFormatted(true)
                    .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
                    .setMetadataLogDirectory(path.toString())
                    .addDirectory(path.toString())
                    .setPrintStream(silent)
                    .run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot format " + path + ": " + e.getMessage(), e);
        }
    }

    /** Lets go of the directory; the lock file stays, because removing it would race with the next who takes it. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
