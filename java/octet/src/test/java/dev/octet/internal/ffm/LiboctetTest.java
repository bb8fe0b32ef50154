package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiboctetTest {
  @TempDir
  Path dir;

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Liboctet.PATH_PROPERTY);
  }

  @Test
  void aRequiredLibraryIsInTheJar() {
    assumeTrue("require".equals(System.getProperty("octet.test.native")),
        "built without octet.native=require");
    assertTrue(isInJar(), "no liboctet for " + Platform.current());
  }

  @Test
  void loadsFromTheJar() {
    assumeTrue(isInJar(), "the jar is pure Java");
    Liboctet library = Liboctet.load();
    assertTrue(library.cpuTier() <= library.cpuTierOfHardware());
  }

  @Test
  void loadsFromADirectory() throws Exception {
    assumeTrue(isInJar(), "the jar is pure Java");
    Files.copy(Liboctet.fromJar(Platform.current()), dir.resolve("liboctet.so"));
    int tier = Liboctet.load().cpuTier();
    System.setProperty(Liboctet.PATH_PROPERTY, dir.toString());
    assertEquals(tier, Liboctet.load().cpuTier());
    Files.delete(dir.resolve("liboctet.so"));
    refused(dir.resolve("liboctet.so") + " does not exist", "-Doctet.library.path");
  }

  @Test
  void aDamagedCopyOfRightSizeAndTimeIsReplaced() throws Exception {
    assumeTrue(isInJar(), "the jar is pure Java");
    System.setProperty(LibraryCache.PROPERTY, dir.resolve("cache").toString());
    try {
      Path file = Liboctet.fromJar(Platform.current());
      byte[] content = Files.readAllBytes(file);
      FileTime time = Files.getLastModifiedTime(file);
      byte[] damaged = content.clone();
      damaged[damaged.length / 2] ^= 1;
      Files.write(file, damaged);
      Files.setLastModifiedTime(file, time);
      assertArrayEquals(content, Files.readAllBytes(Liboctet.fromJar(Platform.current())));
    } finally {
      System.clearProperty(LibraryCache.PROPERTY);
    }
  }

  @Test
  void anEmptyPropertyIsUnset() {
    assumeTrue(isInJar(), "the jar is pure Java");
    System.setProperty(Liboctet.PATH_PROPERTY, "");
    Liboctet.load();
  }

  @Test
  void aDirectoryWithoutTheLibraryIsNamedEvenWhereTheJarHasOne() {
    System.setProperty(Liboctet.PATH_PROPERTY, dir.toString());
    refused(dir.resolve("liboctet.so") + " does not exist", "-Doctet.library.path");
  }

  @Test
  void whatIsNoLibraryIsRefusedWithTheLinkersReason() throws Exception {
    Path file = dir.resolve("liboctet.so");
    Files.copy(Path.of(System.getProperty("java.home"), "bin", "java"), file);
    System.setProperty(Liboctet.PATH_PROPERTY, dir.toString());
    refused("cannot load " + file);
  }

  @Test
  void anotherLibraryIsRefused() throws Exception {
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip"));
    Files.copy(other, dir.resolve("liboctet.so"));
    System.setProperty(Liboctet.PATH_PROPERTY, dir.toString());
    refused(dir.toString(), "does not export octet_version");
  }

  @Test
  void anotherVersionIsRefused() {
    Path build = Path.of(System.getProperty("octet.test.native.dir", "none")).resolve("another-version");
    assumeTrue(Files.isDirectory(build), "no native build");
    System.setProperty(Liboctet.PATH_PROPERTY, build.toString());
    refused("has interface version " + (Liboctet.ABI_VERSION + 1), "needs " + Liboctet.ABI_VERSION,
        "-Doctet.library.path");
  }

  @Test
  void aPlatformWithoutLibraryIsNamed() {
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> Liboctet.fromJar(Platform.of("Plan 9", "vax")));
    assertEquals("this octet jar holds no native library for plan9-vax: there are some for linux-x86_64, "
        + "linux-aarch64, windows-x86_64, macos-aarch64, macos-x86_64, and pure Java for all others",
        e.getMessage());
  }

  @Test
  void inADirectoryTheLibraryHasTheNameOfItsSystem() throws Exception {
    for (String osName : List.of("Windows 11", "Mac OS X", "Linux")) {
      Platform platform = Platform.of(osName, "amd64");
      Path file = dir.resolve(platform.library("octet"));
      LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
          () -> Liboctet.fromDirectory(dir, platform));
      assertTrue(e.getMessage().startsWith(file + " does not exist: -Doctet.library.path "), e.getMessage());
      assertEquals(Files.createFile(file), Liboctet.fromDirectory(dir, platform));
    }
  }

  @Test
  void unpacksThoseOfOtherPlatforms() throws Exception {
    System.setProperty(LibraryCache.PROPERTY, dir.resolve("cache").toString());
    try {
      for (Platform platform : List.of(Platform.of("Linux", "aarch64"), Platform.of("Windows 11", "amd64"),
          Platform.of("Mac OS X", "aarch64"), Platform.of("Mac OS X", "x86_64"))) {
        if (isInJar(platform)) {
          assertEquals(platform.library("octet"), Liboctet.fromJar(platform).getFileName().toString());
        } else {
          LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
              () -> Liboctet.fromJar(platform));
          assertEquals(
              "this octet jar holds no native library for " + platform + ": build it on Linux, after "
                  + "ci/natives, or name the directory of " + platform.library("octet") + " with -D"
                  + Liboctet.PATH_PROPERTY + "=DIR",
              e.getMessage());
        }
      }
    } finally {
      System.clearProperty(LibraryCache.PROPERTY);
    }
  }

  private static boolean isInJar() {
    return isInJar(Platform.current());
  }

  private static boolean isInJar(Platform platform) {
    return Liboctet.class
        .getResource("/META-INF/native/" + platform + "/" + platform.library("octet")) != null;
  }

  private static void refused(String... parts) {
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class, Liboctet::load);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "expected \"" + part + "\" in: " + e.getMessage());
    }
  }
}
