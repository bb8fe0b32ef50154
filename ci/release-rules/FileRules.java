import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What Maven Central requires of the files of a release: sources and Javadoc, checksums, signatures, places; and no others. */
final class FileRules {
  private static final List<String> JARS = List.of(".jar", "-sources.jar", "-javadoc.jar");
  private static final Map<String, String> CHECKSUMS = new TreeMap<>(Map.of(".md5", "MD5", ".sha1", "SHA-1"));

  private final Path repository;
  private final Consumer<String> violation;

  FileRules(Path repository, Consumer<String> violation) {
    this.repository = repository;
    this.violation = violation;
  }

  /** Whether a file goes with another one, whose name it continues. */
  private static boolean companion(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".asc") || CHECKSUMS.keySet().stream().anyMatch(name::endsWith);
  }

  void check(Map<String, Pom> poms) throws Exception {
    for (Pom pom : poms.values()) {
      Path folder = repository.resolve(pom.group().replace('.', '/')).resolve(pom.artifact()).resolve(pom.version());
      String base = pom.artifact() + "-" + pom.version();
      if (!pom.file.equals(folder.resolve(base + ".pom"))) {
        violation.accept(pom.file + ": expected at " + folder.resolve(base + ".pom"));
      } else if (!pom.packaging().equals("pom")) {
        for (String suffix : JARS) {
          if (!Files.isRegularFile(folder.resolve(base + suffix))) {
            violation.accept(folder.resolve(base + suffix) + " is missing, which Maven Central requires");
          }
        }
      }
    }
    List<Path> folders = poms.values().stream().map(pom -> pom.file.getParent()).toList();
    List<Path> files = files(repository);
    for (Path file : files) {
      if (companion(file)) {
        String name = file.getFileName().toString();
        Path of = file.resolveSibling(name.substring(0, name.lastIndexOf('.')));
        if (!Files.exists(of)) {
          violation.accept(file + " is there, but " + of.getFileName() + " is not");
        }
      } else if (!folders.contains(file.getParent())
          || !file.getFileName().toString().startsWith(prefix(file.getParent()))) {
        violation.accept(file + " belongs to no artifact that is published");
      } else {
        kind(file);
        checksums(file);
        signature(file);
      }
    }
  }

  /** What else a build makes, as a jar of tests, is for the build. */
  private void kind(Path file) {
    String suffix = file.getFileName().toString().substring(prefix(file.getParent()).length());
    if (!suffix.equals(".pom") && !JARS.contains(suffix)) {
      violation.accept(file + ": expected .pom or one of " + JARS + " after " + prefix(file.getParent()) + ", got "
          + suffix);
    }
  }

  static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String prefix(Path folder) {
    return folder.getParent().getFileName() + "-" + folder.getFileName();
  }

  private void checksums(Path file) throws Exception {
    for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
      Path beside = file.resolveSibling(file.getFileName() + checksum.getKey());
      String expected = hash(checksum.getValue(), Files.readAllBytes(file));
      if (!Files.exists(beside)) {
        violation.accept(beside + " is missing, which Maven Central requires");
      } else if (!Files.readString(beside).strip().toLowerCase(Locale.ROOT).equals(expected)) {
        violation.accept(beside + ": expected " + expected + ", got " + Files.readString(beside).strip());
      }
    }
  }

  static String hash(String algorithm, byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
  }

  /** Asks gpg, whose keys lie where GNUPGHOME says. */
  private void signature(Path file) throws Exception {
    Path signature = file.resolveSibling(file.getFileName() + ".asc");
    if (!Files.exists(signature)) {
      violation.accept(signature + " is missing, which Maven Central requires");
      return;
    }
    Process gpg = new ProcessBuilder("gpg", "--batch", "--verify", signature.toString(), file.toString())
        .redirectErrorStream(true).start();
    String said = new String(gpg.getInputStream().readAllBytes()).strip();
    if (gpg.waitFor() != 0) {
      violation.accept(signature + " is no signature of " + file.getFileName() + ": " + said.replace('\n', ' '));
    }
  }
}
