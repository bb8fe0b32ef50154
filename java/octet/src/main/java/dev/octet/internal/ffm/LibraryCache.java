package dev.octet.internal.ffm;

import dev.octet.internal.ffm.CacheRules.Kind;
import dev.octet.internal.jar.JarEntryStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks native libraries that travel in jars into a directory of the user, once: the dynamic linker loads
 * files only, and 93 MB take 0.5 s to unpack.
 *
 * <p>
 * The directory is {@code -Doctet.cache=DIR}, or octet in the user's cache directory ({@link CachePlace}); in
 * it, a directory for each library, version and content. Both belong to the user and are closed to others
 * ({@link CacheRules}), and there is no fallback to a shared place: whoever can write a library can run code.
 * Content is held to a SHA-256 that the caller pins, computed while unpacking. Later starts hash again what
 * the caller wants checked {@link Check#AT_EVERY_START at every start}; of other files they compare size and
 * modification time with a stamp (hashing 93 MB takes 0.4 s), and with {@code -Doctet.cache.verify=true} hash
 * them too. What does not match is unpacked anew: loading a library file that was cut short ends the process
 * with SIGBUS.
 *
 * <p>
 * Files are written aside and renamed, and every writer writes the same bytes: any number of threads and JVMs
 * may be here at once. The lock file only spares them doing the same work twice; nothing depends on it.
 */
public final class LibraryCache {
  /** The property that names the directory. */
  public static final String PROPERTY = "octet.cache";

  private static final String VERIFY = "octet.cache.verify";

  private static final Duration LOCK_WAIT = Duration.ofSeconds(20);

  /** Files written aside that are older than this were left by a process that was killed. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private static final Object IN_THIS_JVM = new Object();

  /** How a later start recognizes a file that was unpacked before. */
  public enum Check {
    /** By its hash, which takes 1 ms for a megabyte. */
    AT_EVERY_START,
    /** By its size and modification time. */
    BY_STAMP
  }

  /**
   * A file in a jar.
   *
   * @param resource its path as a class loader knows it
   * @param sha256 the hash of its content, 64 hexadecimal digits in lower case
   * @param check how a later start recognizes it
   */
  public record Content(String resource, String sha256, Check check) {
    /** Refuses what is no hash. */
    public Content {
      if (!sha256.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            resource + ": expected 64 hexadecimal digits, got \"" + sha256 + "\"");
      }
    }

    String file() {
      return resource.substring(resource.lastIndexOf('/') + 1);
    }
  }

  /**
   * Files that have to lie in one directory, because the dynamic linker looks for one beside the other.
   *
   * @param name of the library
   * @param version of the library; name and version are for people who look into the cache
   * @param files what is unpacked
   */
  public record Bundle(String name, String version, List<Content> files) {
    /** Makes it immutable. */
    public Bundle {
      files = List.copyOf(files);
    }
  }

  private final Path root;
  private final boolean verify;
  private final CacheRules rules;

  /**
   * A cache.
   *
   * @param root its directory; made when first needed
   * @param verify whether every file is hashed at every start
   * @param rules of the file system that it lies in
   */
  LibraryCache(Path root, boolean verify, CacheRules rules) {
    this.root = root.toAbsolutePath();
    this.verify = verify;
    this.rules = rules;
  }

  /**
   * The cache that the properties {@code octet.cache} and {@code octet.cache.verify} describe.
   *
   * @return the cache; nothing is read or written yet
   * @throws IllegalArgumentException if a property has an unknown value
   * @throws LibraryUnavailableException if the user has no home directory and no property names a place, or
   *         if the place is no path here
   */
  public static LibraryCache fromProperties() {
    boolean verify = Boolean.getBoolean(VERIFY); // whoever opens an Octet has checked the value
    String property = System.getProperty(PROPERTY);
    String os = Platform.current().os();
    Path root = CachePlace.of(property, os, System::getenv, System.getProperty("user.home"));
    return new LibraryCache(root, verify,
        CacheRules.of(root, CachePlace.isNamed(property, os, System::getenv)));
  }

  /**
   * Makes sure that a library lies in the cache, undamaged.
   *
   * @param loader finds the resources
   * @param bundle what to unpack
   * @return the directory that holds the files
   * @throws LibraryUnavailableException if that is impossible: a resource is missing or is not what was
   *         pinned, or the cache cannot be written or is open to others
   */
  public Path unpack(ClassLoader loader, Bundle bundle) {
    Path directory = root.resolve(bundle.name() + "-" + bundle.version() + "-" + identity(bundle));
    synchronized (IN_THIS_JVM) {
      make(root);
      rules.check(root, Kind.ROOT);
      make(directory);
      rules.check(directory, Kind.LIBRARIES);
      for (Content content : bundle.files()) {
        Path file = directory.resolve(content.file());
        if (isRegular(file)) {
          rules.check(file, Kind.FILE);
        }
      }
      Path stamp = directory.resolve("stamp");
      try {
        if (isIntact(directory, stamp, bundle)) {
          return directory;
        }
        try (FileChannel lockFile = lockFile(directory);
            FileLock lock = lockFile == null ? null : lock(lockFile)) {
          if (lock != null) {
            if (isIntact(directory, stamp, bundle)) {
              return directory;
            }
            deleteAbandoned(directory);
          }
          for (Content content : bundle.files()) {
            Path file = directory.resolve(content.file());
            if (!isRegular(file) || !matches(file, content)) {
              unpack(loader, content, file);
            }
          }
          writeStamp(stamp, describe(directory, bundle));
        }
        return directory;
      } catch (IOException e) {
        throw new LibraryUnavailableException("cannot unpack native libraries into " + directory + ": "
            + CacheRules.reason(e)
            + "; free space or permit writing there, or name another directory with -D" + PROPERTY + "=DIR",
            e);
      }
    }
  }

  private boolean isIntact(Path directory, Path stamp, Bundle bundle) {
    for (Content content : bundle.files()) {
      if (!isRegular(directory.resolve(content.file()))) {
        return false;
      }
    }
    try {
      if (!isRegular(stamp) || !says(stamp, describe(directory, bundle))) {
        return false;
      }
    } catch (IOException e) {
      return false; // Windows, while somebody replaces a file
    }
    for (Content content : bundle.files()) {
      if ((verify || content.check() == Check.AT_EVERY_START)
          && !matches(directory.resolve(content.file()), content)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a file holds what was pinned; one that cannot be read does not. */
  private static boolean matches(Path file, Content content) {
    try {
      return hash(file).equals(content.sha256());
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a stamp holds a text; bytes that are no text, and what cannot be read, are another one. */
  private static boolean says(Path stamp, String text) {
    try {
      return Arrays.equals(Files.readAllBytes(stamp), text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return false;
    }
  }

  /** The stamp: what was hashed, and by which it is recognized without hashing. */
  private static String describe(Path directory, Bundle bundle) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Content content : bundle.files()) {
      Path file = directory.resolve(content.file());
      text.append(content.sha256()).append(' ').append(Files.size(file)).append(' ')
          .append(Files.getLastModifiedTime(file).toMillis()).append(' ').append(content.file()).append('\n');
    }
    return text.toString();
  }

  private void unpack(ClassLoader loader, Content content, Path file) throws IOException {
    URL url = loader.getResource(content.resource());
    if (url == null) {
      throw new LibraryUnavailableException(
          content.resource() + " is not on the class path: add the jar that holds it", null);
    }
    Path aside = aside(file);
    try {
      String hash = copy(url, content.resource(), aside);
      if (!hash.equals(content.sha256())) {
        throw new LibraryUnavailableException(
            url + ": expected SHA-256 " + content.sha256() + ", got " + hash + " ("
                + Files.size(aside) + " bytes): the jar is damaged or of another version; download it again",
            null);
      }
      rules.replace(aside, file, () -> isRegular(file) && matches(file, content));
    } finally {
      discard(aside);
    }
  }

  /**
   * Copies to disk, not only to the page cache: a rename must not outlive the content after a power failure.
   */
  private static String copy(URL url, String resource, Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    // Neither stream is a channel: an interrupted thread loads its library all the same.
    try (FileOutputStream out = new FileOutputStream(file.toFile()); InputStream in = open(url, resource)) {
      for (int n = read(url, in, buffer); n > 0; n = read(url, in, buffer)) {
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
      out.getFD().sync();
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static InputStream open(URL url, String resource) {
    try {
      return JarEntryStream.open(url, resource);
    } catch (IOException e) {
      throw unreadable(url, e);
    }
  }

  private static int read(URL url, InputStream in, byte[] buffer) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw unreadable(url, e);
    }
  }

  private static LibraryUnavailableException unreadable(URL url, IOException e) {
    return new LibraryUnavailableException(
        "cannot read " + url + ": " + CacheRules.reason(e) + "; the jar is damaged, download it again", e);
  }

  private void writeStamp(Path stamp, String text) throws IOException {
    Path aside = aside(stamp);
    try {
      Files.writeString(aside, text);
      rules.replace(aside, stamp, () -> isRegular(stamp) && says(stamp, text));
    } finally {
      discard(aside);
    }
  }

  /** Deletes a file that may be gone. One that somebody has open is deleted when it is {@link #ABANDONED}. */
  private static void discard(Path aside) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      // On Windows, and nothing to fail for.
    }
  }

  private static Path aside(Path file) {
    return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
  }

  /** Null where it cannot be opened: on Windows while a scanner has it open for itself. */
  private static @Nullable FileChannel lockFile(Path directory) {
    try {
      return FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return null;
    }
  }

  /** Locks the channel, or gives up where file systems know no locks and where another JVM hangs. */
  private static @Nullable FileLock lock(FileChannel channel) {
    Instant end = Instant.now().plus(LOCK_WAIT);
    try {
      do {
        try {
          FileLock lock = channel.tryLock();
          if (lock != null) {
            return lock;
          }
        } catch (OverlappingFileLockException e) {
          // Another class loader of this JVM runs this code too.
        }
        Thread.sleep(20);
      } while (Instant.now().isBefore(end));
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  private static void deleteAbandoned(Path directory) throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.tmp")) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).compareTo(limit) < 0) {
            Files.delete(file);
          }
        } catch (IOException e) {
          // Its writer was alive after all and has renamed it, or on Windows somebody has it open.
        }
      }
    }
  }

  /** Makes a directory for this user alone unless there is one. */
  private void make(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Path parent = directory.getParent();
        if (parent != null) {
          Files.createDirectories(parent, rules.onlyUser());
        }
        Files.createDirectory(directory, rules.onlyUser());
      }
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw inTheWay(directory, e);
      }
      // Another JVM made it at the same time.
    } catch (IOException e) {
      throw new LibraryUnavailableException("cannot make the cache " + directory + ": " + CacheRules.reason(e)
          + "; permit writing there, or name another directory with -D" + PROPERTY + "=DIR", e);
    }
  }

  /** What stands where the cache, or a directory around it, should be made. */
  private static LibraryUnavailableException inTheWay(Path directory, FileAlreadyExistsException e) {
    Path wrong = directory;
    while (wrong.getParent() != null && !Files.isDirectory(wrong.getParent())) {
      wrong = wrong.getParent();
    }
    String what = wrong.equals(directory) ? " is" : " lies in " + wrong + ", which is";
    String advice = " a file: delete it";
    if (Files.isSymbolicLink(wrong)) {
      advice = " a link to what is no directory: make that directory, or delete the link";
    }
    return new LibraryUnavailableException("the cache " + directory + what + advice
        + ", or name another directory with -D" + PROPERTY + "=DIR", e);
  }

  private static boolean isRegular(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static String hash(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String identity(Bundle bundle) {
    MessageDigest digest = sha256();
    for (Content content : bundle.files()) {
      digest.update((content.sha256() + " " + content.file() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
