package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How oneDNN is found and opened, and what a user reads when it is not. */
class LoaderTest {
  private static final String RESOURCES = "org/bytedeco/dnnl/linux-x86_64/";

  @TempDir
  private Path temp;

  /** What a user's program sees of the engine, in a JVM where nothing was loaded yet. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try (Octet octet = Octet.open()) {
        EngineStatus status = octet.engines().stream().filter(s -> s.engine() == Engine.ONEDNN).findFirst()
            .orElseThrow();
        System.out.println(
            "available " + status.available() + "; " + status.detail() + "; cause " + status.cause());
        System.out.println(octet.report());
      }
      try (Octet octet = Octet.builder().engine(Engine.ONEDNN).open()) {
        System.out.println("forced: works " + octet.engines());
      } catch (UnsupportedOperationException e) {
        System.out.println("forced: " + e.getMessage() + "; cause " + e.getCause());
      }
    }
  }

  private static ChildJvm program(String... options) {
    return ChildJvm.of(Program.class, List.of(options), List.of(Octet.class, OneDnnProvider.class));
  }

  /** The jar that the tests' own class path has, for a child's. */
  private static String jar() {
    String url = DnnlLibrary.class.getClassLoader().getResource(RESOURCES + "libdnnl.so.3").toString();
    return "-Xbootclasspath/a:" + Path.of(URI.create(url.substring("jar:".length(), url.indexOf("!/"))));
  }

  private String cache() {
    return "-Doctet.cache=" + temp.resolve("cache");
  }

  private static String output(ChildJvm child) {
    ChildJvm.Result result = child.run();
    assertEquals(0, result.exit(), result.output());
    return result.output();
  }

  private static void assertContains(String output, String... parts) {
    for (String part : parts) {
      assertTrue(output.contains(part), "expected \"" + part + "\" in: " + output);
    }
  }

  @Test
  void twoProcessesUnpackTheJarAtOnceAndAThirdFindsItUnpacked() throws IOException {
    for (ChildJvm.Result result : ChildJvm
        .runTogether(List.of(program(jar(), cache()), program(jar(), cache())))) {
      assertEquals(0, result.exit(), result.output());
      assertContains(result.output(), "available true; oneDNN 3.13.0", "forced: works");
    }
    assertContains(output(program(cache())), "available true; oneDNN 3.13.0");
    try (Stream<Path> files = Files.walk(temp)) {
      assertFalse(files.anyMatch(file -> file.toString().endsWith(".tmp")), "left behind in " + temp);
    }
  }

  @Test
  void withoutTheJarTheReportSaysWhichOneIsMissing() {
    assertContains(output(program(cache())), "available false; " + RESOURCES, "is not on the class path",
        "forced: ", "LibraryUnavailableException");
  }

  @Test
  void aTamperedJarIsRefused() throws IOException {
    Path fake = Files.createDirectories(temp.resolve("jar").resolve(RESOURCES));
    Files.writeString(fake.resolve("libgomp.so.1"), "not what was pinned");
    assertContains(output(program(cache(), "-Xbootclasspath/a:" + temp.resolve("jar"))), "available false; ",
        "expected SHA-256 d46f9225c1883039e8a6853e6d96ca1af11d034ce186a090952e4a7c8a7c2fdc, got ");
  }

  @Test
  void aTruncatedJarIsRefused() throws IOException {
    Path fake = Files.createDirectories(temp.resolve("jar").resolve(RESOURCES));
    for (String file : List.of("libgomp.so.1", "libdnnl.so.3")) {
      try (InputStream in = DnnlLibrary.class.getClassLoader().getResourceAsStream(RESOURCES + file)) {
        Files.write(fake.resolve(file),
            in.readNBytes(file.startsWith("libgomp") ? Integer.MAX_VALUE : 1 << 20));
      }
    }
    assertContains(output(program(cache(), "-Xbootclasspath/a:" + temp.resolve("jar"))), "available false; ",
        "libdnnl.so.3: expected SHA-256 3610657c", "(1048576 bytes)");
  }

  @Test
  void anUnwritableCacheIsNamed() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    assertContains(output(program(jar(), "-Doctet.cache=" + file)), "available false; the cache " + file,
        "-Doctet.cache=DIR", "cause java.nio.file.FileAlreadyExistsException");
  }

  @Test
  void aLibraryThatWasDamagedInTheCacheIsUnpackedAnew() throws IOException {
    assertContains(output(program(jar(), cache())), "available true");
    for (String name : List.of("libgomp.so.1", "libdnnl.so.3")) {
      try (Stream<Path> files = Files.walk(temp.resolve("cache"))) {
        Path file = files.filter(f -> f.endsWith(name)).findFirst().orElseThrow();
        Files.write(file, new byte[1000]);
      }
    }
    assertContains(output(program(cache())), "available false", "is not on the class path");
    assertContains(output(program(jar(), cache())), "available true");
  }

  @Test
  void aDirectoryOfTheUsersIsUsed() throws IOException {
    assertContains(output(program(cache(), "-Doctet.onednn.path=" + DnnlLibrary.directory(null))),
        "available true; oneDNN 3.13.0");
    assertFalse(isUnpacked("libdnnl.so.3"), "nothing of oneDNN had to be unpacked");
  }

  /** liboctet may have been unpacked into the same cache. */
  private boolean isUnpacked(String name) throws IOException {
    if (!Files.exists(temp.resolve("cache"))) {
      return false;
    }
    try (Stream<Path> files = Files.walk(temp.resolve("cache"))) {
      return files.anyMatch(f -> f.endsWith(name));
    }
  }

  @Test
  void aDirectoryWithoutTheLibraryIsNamed() {
    assertContains(output(program(jar(), "-Doctet.onednn.path=" + temp)),
        "available false; no libdnnl.so.3 in " + temp);
  }

  @Test
  void withoutNativeAccessTheReportSaysHowToEnableIt() {
    assertContains(output(program(jar(), cache()).withoutNativeAccess()), "available false; ",
        "--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void anUnknownValueOfThePropertyIsReportedAndThrownWhereTheEngineIsForced() {
    String reason = "octet.onednn.split: expected true or false, got \"maybe\"";
    assertContains(output(program(jar(), cache(), "-Doctet.onednn.split=maybe")),
        "available false; " + reason,
        "forced: engine ONEDNN, asked for by the program, is not available: " + reason);
  }

  @Test
  void aFileThatIsNoLibraryKeepsTheLinkersReason() throws IOException {
    Files.write(temp.resolve("libdnnl.so.3"), "no ELF".repeat(100).getBytes(StandardCharsets.UTF_8));
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> DnnlLibrary.open(temp, Arena.ofAuto()));
    assertContains(e.getMessage(), "cannot load " + temp);
    assertInstanceOf(UnsatisfiedLinkError.class, e.getCause());
  }

  @Test
  void versionsAreOrdered() {
    DnnlLibrary.Version v = new DnnlLibrary.Version(3, 12, 1);
    assertFalse(v.isBefore(v));
    for (int[] older : new int[][]{{3, 12, 0}, {3, 11, 9}, {2, 99, 99}}) {
      assertTrue(new DnnlLibrary.Version(older[0], older[1], older[2]).isBefore(v));
    }
    for (int[] newer : new int[][]{{3, 12, 2}, {3, 13, 0}, {4, 0, 0}}) {
      assertFalse(new DnnlLibrary.Version(newer[0], newer[1], newer[2]).isBefore(v));
    }
  }

  @Test
  void anOldVersionIsRefused() throws Exception {
    compile("3, 12, 0", 2);
    assertRefused("is oneDNN 3.12.0, expected 3.12.1 or later of version 3");
  }

  @Test
  void anotherMajorVersionIsRefused() throws Exception {
    compile("4, 0, 0", 2);
    assertRefused("is oneDNN 4.0.0, expected 3.12.1 or later of version 3");
  }

  @Test
  void anotherThreadingRuntimeIsRefused() throws Exception {
    compile("3, 13, 0", 4);
    assertRefused("is built for threading runtime 4 of oneDNN");
  }

  @Test
  void aLibraryWithoutTheFunctionsIsRefusedEachTime() throws Exception {
    compile("3, 13, 0", 1);
    String output = output(program("-Doctet.onednn.path=" + temp));
    assertContains(output, "available false; ", "does not export dnnl_", "forced: ",
        "is not available: cannot use oneDNN: ");
    assertFalse(output.contains("NoClassDefFoundError"), output);
  }

  private void assertRefused(String reason) {
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> DnnlLibrary.open(temp, Arena.ofAuto()));
    assertContains(e.getMessage(), reason);
    assertNull(e.getCause());
  }

  /** A library that says of itself what version it is, and can do nothing else. */
  private void compile(String version, int runtime) throws IOException, InterruptedException {
    Path source = Files.writeString(temp.resolve("stub.c"),
        "struct version { int major, minor, patch; const char *hash; unsigned cpu, gpu; };\n"
            + "const struct version *dnnl_version(void) {\n  static const struct version v = {" + version
            + ", \"stub\", " + runtime + ", 0};\n  return &v;\n}\n");
    boolean compiled;
    try {
      compiled = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", temp.resolve("libdnnl.so.3").toString(),
          source.toString()).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      compiled = false;
    }
    assumeTrue(compiled, "skipped, no C compiler");
  }
}
