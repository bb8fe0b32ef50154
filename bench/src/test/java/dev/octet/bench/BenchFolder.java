package dev.octet.bench;

import java.nio.file.Path;

/** The shape files, for tests of other packages. */
public final class BenchFolder {
  private BenchFolder() {}

  /** The folder bench/shapes. */
  public static Path shapes() {
    return Folders.bench().resolve("shapes");
  }
}
