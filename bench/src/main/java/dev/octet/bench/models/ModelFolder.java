package dev.octet.bench.models;

import dev.octet.langchain4j.EmbeddingArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Model files: those of artifacts, copied out of their jars since both sides open a file by its path, and
 * those that {@code ci/models} fetched.
 */
public final class ModelFolder {
  private final Path work;
  private final Path fetched;

  /**
   * With two folders.
   *
   * @param work takes files that are copied and made
   * @param fetched that of {@code ci/models}; it may be missing
   */
  public ModelFolder(Path work, Path fetched) {
    this.work = work;
    this.fetched = fetched;
  }

  /** The folder that {@code ci/models} fills where none is named. */
  public static Path ofCache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache == null || cache.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache")
        : Path.of(cache)).resolve("octet/models");
  }

  /**
   * Copies the model of an artifact out of its jar.
   *
   * @throws IllegalStateException if the artifact is not on the class path
   */
  public Path copy(EmbeddingArtifact artifact) throws IOException {
    Path file = made(artifact.resource());
    try (InputStream in = ModelFolder.class.getResourceAsStream("/" + artifact.resource())) {
      if (in == null) {
        throw new IllegalStateException("the class path lacks dev.langchain4j:" + artifact.artifactId());
      }
      // In one step: another suite may have mapped the file.
      Path part = Files.createTempFile(work, "part", null);
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }

  /** A file that {@code ci/models} fetched, or nothing where it did not. */
  Optional<Path> fetched(String name) {
    return Optional.of(fetched.resolve(name)).filter(Files::isRegularFile);
  }

  /** A path for a file to be made; its folder is there. */
  Path made(String name) throws IOException {
    Files.createDirectories(work);
    return work.resolve(name);
  }
}
