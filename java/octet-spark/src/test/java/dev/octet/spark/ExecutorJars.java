package dev.octet.spark;

import dev.octet.testing.Repository;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The jars that docs/scale-out.md says executors need, and the class paths that Maven makes. */
final class ExecutorJars {
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+\\.jar)` \\|", Pattern.MULTILINE);
  private static final String REACTOR = Path.of("target", "classes").toString();

  private ExecutorJars() {}

  /** Those of the document. */
  static Set<String> ofDocument() {
    return ROW.matcher(read("docs/scale-out.md")).results().map(row -> row.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Names of the jars that the module has at run time, with the entries of the class path. */
  static Map<String, String> ofRuntime() {
    try {
      return names(Files.readString(Path.of("target", "runtime-class-path.txt")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same of the tests, with Spark. */
  static Map<String, String> ofTests() {
    return names(System.getProperty("java.class.path"));
  }

  private static Map<String, String> names(String classPath) {
    Map<String, String> names = new TreeMap<>();
    for (String entry : List.of(classPath.strip().split(File.pathSeparator, -1))) {
      Path path = Path.of(entry);
      names.put(entry.endsWith(REACTOR)
          ? path.getParent().getParent().getFileName() + "-" + version() + ".jar"
          : entry.endsWith(".jar") ? path.getFileName().toString() : entry, entry);
    }
    return names;
  }

  /** That of Octet. */
  static String version() {
    MatchResult found = Pattern.compile("<artifactId>octet-parent</artifactId>\\s*<version>([^<]+)</version>")
        .matcher(read("pom.xml")).results().findFirst().orElseThrow();
    return found.group(1);
  }

  static String read(String file) {
    try {
      return Files.readString(Repository.root().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
