package org.postroad.deploy.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.broker.DirectoryInUseException;

/**
 * Where a role keeps what makes it the same node after a restart, held by one process at a time: two that took each other's
 * name would fence each other for ever. Different roles may share a directory.
 */
final class NodeDirectory implements AutoCloseable {
    private static final Set<String> TEMPORARY = Set.of("overlay", "aufs", "tmpfs", "ramfs");

    private final FileChannel lockFile;

    private NodeDirectory(FileChannel lockFile) {
        this.lockFile = lockFile;
    }

    /**
     * Takes the directory for a role, making it where there is none.
     *
     * @throws DirectoryInUseException when a living process holds it for the same role
     */
    static NodeDirectory take(Path path, String role) throws IOException {
        Files.createDirectories(path);
        FileChannel lockFile = FileChannel.open(
                path.resolve("." + role + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new DirectoryInUseException(path);
        }
        return new NodeDirectory(lockFile);
    }

    /**
     * Why what it keeps may be gone after the next start; null where it stays, or nobody knows.
     *
     * <p>A container's own files are an overlay, and go with the container.
     */
    static @Nullable String passing(Path path) {
        try {
            String type = Files.getFileStore(path).type();
            return TEMPORARY.contains(type) ? type : null;
        } catch (IOException nobodyKnows) {
            return null; // as in a chroot, whose mount is not listed
        }
    }

    private static boolean locked(FileChannel lockFile) throws IOException {
        try {
            @Nullable FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            return false;
        }
    }

    /** The file stays: removing it would race with the next who takes it. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
