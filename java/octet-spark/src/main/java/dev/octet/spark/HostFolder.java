package dev.octet.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.SparkEnv;

/** The folder of packed weights that executors of one user share on a host. */
final class HostFolder {
  private static final String DIRECTORIES = "spark.local.dir";
  private static final Set<PosixFilePermission> OWNER = EnumSet.of(PosixFilePermission.OWNER_READ,
      PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

  private HostFolder() {}

  /** Below the first folder of {@code spark.local.dir}, else that of Java for temporary files. */
  static Path ofUser() {
    String temporary = System.getProperty("java.io.tmpdir");
    String parent = SparkEnv.get() == null
        ? temporary
        : SparkEnv.get().conf().get(DIRECTORIES, temporary).split(",", 2)[0].strip();
    return of(Path.of(parent).resolve("octet-weights-" + System.getProperty("user.name")));
  }

  /**
   * Makes a folder that only its owner enters: what lies in it decides what models compute.
   *
   * @throws IllegalStateException if it is there and another user's, or others may write into it
   */
  static Path of(Path folder) {
    try {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      if (!Files.getFileStore(folder.toAbsolutePath().getParent()).supportsFileAttributeView("posix")) {
        return Files.createDirectories(folder);
      }
      try {
        return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER));
      } catch (FileAlreadyExistsException e) {
        requireOwn(folder);
        return folder;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("weight cache: cannot make " + folder + ": " + e, e);
    }
  }

  private static void requireOwn(Path folder) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    boolean own = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && OWNER.equals(permissions);
    if (own) {
      Path mine = Files.createTempFile(folder, "owner", ".tmp");
      own = Files.getOwner(mine).equals(Files.getOwner(folder));
      Files.delete(mine);
    }
    if (!own) {
      throw new IllegalStateException("weight cache: expected " + folder
          + " to be a folder of this user that no other one enters, it has permissions "
          + PosixFilePermissions.toString(permissions));
    }
  }
}
