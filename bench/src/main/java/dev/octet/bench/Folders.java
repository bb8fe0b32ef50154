package dev.octet.bench;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the benchmarks lie: the suite may be started in the folder bench or in one above it. */
final class Folders {
  private Folders() {}

  /** A file to write: what begins with bench/ lies in the repository, wherever the program was started. */
  static Path output(Path file) {
    return !file.isAbsolute() && file.startsWith("bench") ? bench().resolveSibling(file) : file;
  }

  /** The folder bench of the repository. */
  static Path bench() {
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      for (Path candidate : new Path[]{folder, folder.resolve("bench")}) {
        if (Files.isRegularFile(candidate.resolve("shapes/smoke.txt"))) {
          return candidate;
        }
      }
    }
    throw new IllegalStateException("start it in the repository: no bench/shapes at or above " + here);
  }
}
