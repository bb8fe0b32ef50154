package dev.octet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.internal.ffm.Liboctet;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments in which no native library can be unpacked: pure Java runs, and the report says why. */
class StartUpTest {
  /** Its bytes are no ASCII, so a child in the locale of a bare system cannot name it. */
  private static final String UMLAUT = "/ö";

  @TempDir
  Path dir;

  /** What a user's program sees. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try (Octet octet = Octet.open()) {
        octet.engines().forEach(status -> System.out.println(status.engine() + " " + status.available()));
        System.out.println(octet.report());
      } catch (IllegalArgumentException e) {
        System.out.println(e);
      }
    }
  }

  private static ChildJvm program(String... options) {
    return ChildJvm.of(Program.class, List.of(options), List.of(Octet.class));
  }

  private static String output(ChildJvm child) {
    ChildJvm.Result result = child.run();
    assertEquals(0, result.exit(), result.output());
    return result.output();
  }

  private static void assertPureJava(String output, String reason) {
    assertTrue(output.contains("NATIVE false") && output.contains("VECTOR true")
        && output.contains("SCALAR true"), output);
    String line = output.lines().filter(l -> l.startsWith("NATIVE: not available: ")).findFirst()
        .orElseThrow();
    assertTrue(line.contains(reason) && line.contains("-Doctet.cache=DIR"), line);
    assertEquals(line.indexOf(reason), line.lastIndexOf(reason), "told twice: " + line);
  }

  @Test
  void whatTheLocaleCannotEncodeLeavesPureJava() {
    assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "skipped, a locale without umlauts");
    assertPureJava(
        output(program("-Duser.home=" + UMLAUT).environment("LC_ALL", "C").environment("XDG_CACHE_HOME", "")),
        "the user's home directory is no file name in ");
    assertPureJava(output(program().environment("LC_ALL", "C").environment("XDG_CACHE_HOME", UMLAUT)),
        "the environment variable XDG_CACHE_HOME is no file name in ");
  }

  @Test
  void noHomeDirectoryLeavesPureJava() {
    for (String cacheHome : List.of("", "relative")) {
      assertPureJava(output(program("-Duser.home=?").environment("XDG_CACHE_HOME", cacheHome)),
          "the user has no home directory");
    }
  }

  @Test
  void aCacheThatIsNoDirectoryLeavesPureJava() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    assertPureJava(output(program("-Doctet.cache=" + file)), "the cache " + file + " is a file");
  }

  @Test
  void aMisspeltPropertyIsAnErrorForEveryEngine() {
    for (String engine : List.of("auto", "scalar")) {
      assertTrue(output(program("-Doctet.cache.verify=yes", "-Doctet.engine=" + engine))
          .contains("IllegalArgumentException: octet.cache.verify: expected true or false, got \"yes\""));
    }
  }

  /** A file that is no library: the JVM and the dynamic linker each name it again before their reason. */
  @Test
  void aBrokenLibraryIsNamedOnce() throws IOException {
    Files.writeString(dir.resolve("liboctet.so"), "no ELF".repeat(1000));
    String output = output(program("-D" + Liboctet.PATH_PROPERTY + "=" + dir));
    // the JVM itself warns of a file that has no mark for its stack
    List<String> lines = output.lines()
        .filter(line -> line.contains(dir.toString()) && !line.contains("VM warning")).toList();
    assertEquals(1, lines.size(), output);
    assertTrue(lines.getFirst().startsWith("NATIVE: not available: cannot load " + dir), output);
    assertEquals(lines.getFirst().indexOf(dir.toString()), lines.getFirst().lastIndexOf(dir.toString()),
        output);
  }

  /** Skipped where users may not mount. */
  @Test
  void aDirectoryThatIsMountedNoexecIsToldWithTheOneWhoNamedIt() throws IOException {
    output(program("-Doctet.cache=" + dir.resolve("cache")));
    Path library;
    try (Stream<Path> files = Files.walk(dir)) {
      library = files.filter(file -> file.endsWith("liboctet.so")).findAny().orElse(null);
    }
    assumeTrue(library != null, "the jar is pure Java");
    Path mounted = Files.createDirectory(dir.resolve("mounted"));
    for (String property : List.of("octet.library.path", "octet.cache")) {
      ChildJvm.Result result = program("-D" + property + "=" + mounted)
          .by("sh", "-c", "exec unshare -m sh -c "
              + "'mount -t tmpfs -o noexec,mode=700 octet \"$0\" && cp \"$1\" \"$0\" && shift && exec \"$@\"' \"$0\" \"$@\"",
              mounted.toString(), library.toString())
          .run();
      assumeTrue(result.exit() == 0, result.output());
      String line = result.output().lines().filter(l -> l.startsWith("NATIVE: not available: ")).findFirst()
          .orElseThrow(() -> new AssertionError(result.output()));
      assertTrue(line.contains("cannot load " + mounted)
          && line.endsWith("; is its directory mounted noexec? -D" + property + "=DIR names another one"),
          line);
    }
  }

  @Test
  void anEmptyPathIsUnset() {
    String output = output(
        program("-D" + Liboctet.PATH_PROPERTY + "=", "-Doctet.cache=" + dir.resolve("cache")));
    assertFalse(output.contains("does not exist"), output);
  }
}
