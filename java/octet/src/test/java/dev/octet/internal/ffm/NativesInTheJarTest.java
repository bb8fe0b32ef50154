package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The libraries that the jar holds: where they are, and what stands beside them. */
class NativesInTheJarTest {
  /** Every platform that liboctet is built for. */
  private static final Map<String, String> FILES = new TreeMap<>(Map.of("linux-x86_64", "liboctet.so",
      "linux-aarch64", "liboctet.so", "windows-x86_64", "liboctet.dll", "macos-aarch64", "liboctet.dylib",
      "macos-x86_64", "liboctet.dylib"));

  private static Path folder() throws Exception {
    return Path.of(Liboctet.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .resolve("META-INF/native");
  }

  private static Set<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void eachHasItsHashAndItsInterfaceBesideIt() throws Exception {
    assumeTrue(Files.isDirectory(folder()), "the jar is pure Java");
    for (String platform : names(folder())) {
      String file = FILES.get(platform);
      assertTrue(file != null, "no platform is named " + platform + ", only " + FILES.keySet());
      Path of = folder().resolve(platform);
      assertEquals(new TreeSet<>(List.of(file, file + ".sha256", file + ".abi")), names(of), platform);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(of.resolve(file)));
      assertEquals(HexFormat.of().formatHex(hash), Files.readString(of.resolve(file + ".sha256")), platform);
      assertEquals(String.valueOf(Liboctet.ABI_VERSION), Files.readString(of.resolve(file + ".abi")),
          platform);
    }
  }

  @Test
  void aReleaseLeavesNoneOut() throws Exception {
    assumeTrue("all".equals(System.getProperty("octet.test.natives")), "built without octet.natives=all");
    assertEquals(FILES.keySet(), names(folder()));
  }
}
