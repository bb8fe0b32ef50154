package dev.octet.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What tells a file from others that were at its path, short of reading it.
 *
 * @param file the path
 * @param bytes its size; -1 where it cannot be read
 * @param modified when it was written last
 */
record FileStamp(Path file, long bytes, FileTime modified) {
  static FileStamp of(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(file, attributes.size(), attributes.lastModifiedTime());
    } catch (IOException e) {
      return new FileStamp(file, -1, FileTime.fromMillis(0)); // what reads it has the better message
    }
  }
}
