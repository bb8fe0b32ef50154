package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.internal.ffm.LibraryCache.Content;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.internal.ffm.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What oneDNN is on each platform, held to the jars of Maven Central that tests have. */
class DnnlPlatformTest {
  private static DnnlPlatform on(String os, String arch) {
    return DnnlPlatform.of(new Platform(os, arch));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux", "windows"})
  void theJarHoldsWhatIsPinned(String os) throws IOException, NoSuchAlgorithmException {
    DnnlPlatform platform = on(os, "x86_64");
    for (Content content : platform.bundle().files()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream resource = DnnlLibrary.class.getClassLoader()
          .getResourceAsStream(content.resource())) {
        assertNotNull(resource, content.resource() + " is not in " + platform.artifact());
        new DigestInputStream(resource, digest).transferTo(OutputStream.nullOutputStream());
      }
      assertEquals(content.sha256(), HexFormat.of().formatHex(digest.digest()), content.resource());
    }
    assertTrue(platform.bundle().files().getLast().resource().endsWith("/" + platform.file()));
    assertTrue(platform.artifact().startsWith("org.bytedeco:dnnl:"), platform.artifact());
    assertTrue(platform.artifact().endsWith(":" + os + "-x86_64"), platform.artifact());
  }

  @Test
  void theBomAndTheReadmeNameTheJarOfWindows() throws IOException {
    String artifact = on("windows", "x86_64").artifact();
    String expected = artifact.replaceFirst("[^:]*:(.*):(.*):(.*)",
        "<artifactId>$1</artifactId><version>$2</version><classifier>$3</classifier>");
    for (Path file : List.of(Path.of("../octet-bom/pom.xml"), Path.of("../../README.md"))) {
      String text = Files.readString(file).replaceAll("\\s+", "");
      assertTrue(text.contains(expected), file + " does not hold " + expected);
    }
  }

  @Test
  void filesAreNamedAsOneDnnsBuildNamesThem() {
    assertEquals("libdnnl.so.3", on("linux", "x86_64").file());
    assertEquals("dnnl.dll", on("windows", "x86_64").file());
    assertEquals("libdnnl.3.dylib", on("macos", "x86_64").file());
    assertEquals("libdnnl.so.3", on("freebsd", "x86_64").file());
  }

  @Test
  void onWindowsOpenMpIsInALibraryOfItsOwn() {
    assertEquals("vcomp140.dll", on("windows", "x86_64").openMp());
    assertFalse(on("windows", "x86_64").countsByThread());
    assertTrue(on("windows", "x86_64").advice().contains("Microsoft Visual C++ Redistributable for x64"));
    for (String os : List.of("linux", "macos")) {
      assertNull(on(os, "x86_64").openMp());
      assertTrue(on(os, "x86_64").countsByThread());
      assertEquals("", on(os, "x86_64").advice());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux", "macos", "windows"})
  void onArmNothingIsOffered(String os) {
    String message = assertThrows(LibraryUnavailableException.class, () -> on(os, "aarch64")).getMessage();
    assertEquals("oneDNN is not offered on " + os + "-aarch64: its 8-bit products are proven exact with VNNI "
        + "or AMX only, which are of x86-64; -Doctet.onednn.path=DIR does not change that", message);
  }
}
