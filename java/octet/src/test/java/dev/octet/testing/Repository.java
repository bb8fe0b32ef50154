package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the tests find files that are not on the class path. */
public final class Repository {
  private Repository() {}

  /** The root of the repository: the directory above that holds the parent pom. */
  public static Path root() {
    for (Path directory = Path.of("").toAbsolutePath(); directory != null; directory = directory
        .getParent()) {
      Path pom = directory.resolve("pom.xml");
      try {
        if (Files.exists(pom) && Files.readString(pom).contains("<module>java/octet</module>")) {
          return directory;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IllegalStateException("no repository above " + Path.of("").toAbsolutePath());
  }

  /**
   * Checks that the README shows what a program has between its two lines {@code // README}.
   *
   * @param program relative to the root
   */
  public static void assertReadmeShows(String program) {
    assertShows("README.md", program);
  }

  /**
   * Checks that a document shows what a program has between its two lines {@code // README}.
   *
   * @param document relative to the root
   * @param program relative to the root
   */
  public static void assertShows(String document, String program) {
    try {
      String source = Files.readString(root().resolve(program));
      String example = source.split("    // README\n", -1)[1].stripTrailing().stripIndent();
      assertTrue(Files.readString(root().resolve(document)).contains(example),
          document + " does not hold the program of " + program + ":\n" + example);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A file that is shared between repositories: beside the root, or where {@code -Doctet.test.shared} says.
   *
   * @param name relative to the shared directory
   * @return the file, or empty where it is not there
   */
  public static Optional<Path> shared(String name) {
    String directory = System.getProperty("octet.test.shared");
    Path shared = directory == null ? root().resolveSibling("shared") : Path.of(directory);
    return Optional.of(shared.resolve(name)).filter(Files::exists);
  }
}
