package dev.octet.internal.ffm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.function.BooleanSupplier;

/** Where operating systems differ about directories that libraries are loaded from. */
interface CacheRules {
  /** What a path is for, and what others may do there. */
  enum Kind {
    /** Holds directories of libraries; others may look, but not write. */
    ROOT,
    /** Holds libraries; on POSIX others may not even look. */
    LIBRARIES,
    /** A library. */
    FILE
  }

  /** What a new directory is given, so that it is this user's alone. */
  FileAttribute<?>[] onlyUser();

  /**
   * Checks an existing directory or file: whoever can write a library, or put another one in its place, can
   * run code.
   *
   * @throws LibraryUnavailableException if it belongs to somebody else, or others may do too much there
   */
  void check(Path path, Kind kind);

  /**
   * Puts a file in the place of another one, of an empty directory, or of none.
   *
   * @param isThere whether the place holds by now what the file holds
   * @throws IOException if that is impossible; the file is still there then
   */
  void replace(Path from, Path to, BooleanSupplier isThere) throws IOException;

  /**
   * The rules of the file system that a path lies in.
   *
   * @param isNamed whether the user named it
   */
  static CacheRules of(Path path, boolean isNamed) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix")
        ? new PosixRules(PosixRules.currentUser(), isNamed)
        : WindowsRules.ofUser();
  }

  /**
   * Makes room where an empty directory stands, which somebody else may do at the same time; one with content
   * is its user's.
   */
  static void deleteEmptyDirectory(Path path) throws IOException {
    try {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(path);
      }
    } catch (IOException e) {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  /** File system exceptions often say no more than a path; their class says what. */
  static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
