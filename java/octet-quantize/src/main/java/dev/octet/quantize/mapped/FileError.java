package dev.octet.quantize.mapped;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file cannot be read or written, in words: what Java has for it is often a class and a path. */
public final class FileError {
  private FileError() {}

  public static UncheckedIOException reading(Path path, IOException e) {
    return new UncheckedIOException("cannot read " + path + ": " + reason(e), e);
  }

  /**
   * Refuses what is no file: a pipe would be waited for, a device has no end.
   *
   * @throws IllegalArgumentException naming it
   */
  public static void requireFile(Path path) {
    requireFile(path, path, "a file");
  }

  /**
   * The same, for a path that was asked for by another name.
   *
   * @param path what is looked at
   * @param asked what the message names
   * @param expected what it calls a file
   */
  public static void requireFile(Path path, Path asked, String expected) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IllegalArgumentException(asked + ": expected " + expected + ", it is "
          + (Files.isDirectory(path) ? "a folder" : "a device, a pipe or a socket"));
    }
  }

  /** Of a file that is to be made: where that names a missing file, it is its folder. */
  public static UncheckedIOException writing(Path path, IOException e) {
    Path folder = path.toAbsolutePath().getParent();
    return new UncheckedIOException("cannot write " + path + ": "
        + (e instanceof NoSuchFileException ? "there is no folder " + folder : reason(e)), e);
  }

  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException failure when failure.getReason() != null -> failure.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
