package dev.octet.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Tells a file from others that were at its path, short of reading it: by size and time, its number in the
 * file system, and when it was changed, of which programs that copy times cannot say another.
 *
 * @param file the path
 * @param attributes as the file system has them; empty where it does not tell
 */
record FileStamp(Path file, Map<String, Object> attributes) {
  static FileStamp of(Path file) {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    try {
      return new FileStamp(file, Files.readAttributes(file,
          unix ? "unix:size,lastModifiedTime,fileKey,ctime" : "size,lastModifiedTime,fileKey"));
    } catch (IOException e) {
      return new FileStamp(file, Map.of());
    }
  }

  static List<FileStamp> of(List<Path> files) {
    return files.stream().map(FileStamp::of).toList();
  }

  /** Whether the file was there. */
  boolean isKnown() {
    return !attributes.isEmpty();
  }
}
