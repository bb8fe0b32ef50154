import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** What every jar of a release has, and the libraries of the one that has native code. */
final class JarRules {
  private static final String NATIVE = "META-INF/native/";

  private final List<String> platforms;
  private final Consumer<String> violation;

  /** @param platforms those that the jar {@code octet} holds a library for, as <os>-<arch> */
  JarRules(List<String> platforms, Consumer<String> violation) {
    this.platforms = platforms;
    this.violation = violation;
  }

  void check(Map<String, Pom> poms) throws Exception {
    for (Pom pom : poms.values()) {
      for (Path jar : FileRules.files(pom.file.getParent())) {
        if (jar.toString().endsWith(".jar")) {
          try (ZipFile zip = new ZipFile(jar.toFile())) {
            licence(jar, zip);
            if (pom.timestamp().matches(Pom.TIMESTAMP)) {
              times(jar, zip, pom.timestamp());
            }
            if (jar.getFileName().toString().equals("octet-" + pom.version() + ".jar")) {
              natives(jar, zip);
            }
          } catch (ZipException e) {
            violation.accept(jar + " is no jar: " + e.getMessage());
          }
        }
      }
    }
  }

  private void licence(Path jar, ZipFile zip) {
    for (String name : List.of("META-INF/LICENSE", "META-INF/NOTICE")) {
      if (zip.getEntry(name) == null) {
        violation.accept(jar + ": no " + name);
      }
    }
    if (zip.stream().allMatch(entry -> entry.isDirectory() || entry.getName().startsWith("META-INF/"))) {
      violation.accept(jar + ": nothing but META-INF");
    }
  }

  /** Entries carry the time that the POM says, or two builds of the same sources differ. */
  private void times(Path jar, ZipFile zip, String timestamp) {
    LocalDateTime expected = OffsetDateTime.parse(timestamp).toLocalDateTime();
    zip.stream().filter(entry -> !entry.getTimeLocal().equals(expected)).findFirst()
        .ifPresent(entry -> violation.accept(jar + ": " + entry.getName() + ": expected the time " + expected + " of "
            + "project.build.outputTimestamp, got " + entry.getTimeLocal()));
  }

  private void natives(Path jar, ZipFile zip) throws Exception {
    for (String platform : platforms) {
      List<? extends ZipEntry> libraries = zip.stream()
          .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(NATIVE + platform + "/")
              && !entry.getName().endsWith(".sha256") && !entry.getName().endsWith(".abi"))
          .toList();
      if (libraries.size() != 1) {
        violation.accept(jar + ": expected one library in " + NATIVE + platform + ", got " + libraries);
        continue;
      }
      String name = libraries.getFirst().getName();
      String hash = FileRules.hash("SHA-256", zip.getInputStream(libraries.getFirst()).readAllBytes());
      if (!text(zip, name + ".sha256").equals(hash)) {
        violation.accept(jar + ": " + name + ".sha256: expected " + hash + ", got " + text(zip, name + ".sha256"));
      }
      if (!text(zip, name + ".abi").matches("\\d+")) {
        violation.accept(jar + ": " + name + ".abi: expected a number, got \"" + text(zip, name + ".abi") + "\"");
      }
    }
  }

  private static String text(ZipFile zip, String name) throws Exception {
    ZipEntry entry = zip.getEntry(name);
    return entry == null ? "nothing" : new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
  }
}
