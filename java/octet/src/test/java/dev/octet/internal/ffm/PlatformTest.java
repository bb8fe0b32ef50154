package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of platforms, and where liboctet may run. */
class PlatformTest {
  @AfterEach
  void forgetProperty() {
    System.clearProperty(Platform.UNPROVEN_PROPERTY);
  }

  @ParameterizedTest
  @CsvSource({"Linux, amd64, linux-x86_64", "Linux, x86_64, linux-x86_64", "Linux, aarch64, linux-aarch64",
      "Mac OS X, aarch64, macos-aarch64", "Mac OS X, x86_64, macos-x86_64", "macOS, aarch64, macos-aarch64",
      "Windows 11, amd64, windows-x86_64", "Windows Server 2025, amd64, windows-x86_64",
      "Plan 9, vax, plan9-vax"})
  void itsNameIsThatOfTheFolderInTheJar(String osName, String osArch, String name) {
    assertEquals(name, Platform.of(osName, osArch).toString());
  }

  @ParameterizedTest
  @CsvSource({"Linux, liboctet.so", "Windows 10, liboctet.dll", "Mac OS X, liboctet.dylib",
      "Plan 9, liboctet.so"})
  void librariesAreNamedAsTheSystemNamesThem(String osName, String file) {
    assertEquals(file, Platform.of(osName, "amd64").library("octet"));
  }

  @Test
  void whereTheTestsOfJavaRanNothingHasToAllowIt() {
    Platform platform = Platform.of("Linux", "amd64");
    assertTrue(platform.isProven());
    assertDoesNotThrow(() -> platform.requireAllowed("liboctet"));
    System.setProperty(Platform.UNPROVEN_PROPERTY, "false");
    assertDoesNotThrow(() -> platform.requireAllowed("liboctet"));
  }

  @ParameterizedTest
  @CsvSource({"Linux, aarch64, linux-aarch64", "Windows 11, amd64, windows-x86_64",
      "Mac OS X, aarch64, macos-aarch64", "Mac OS X, x86_64, macos-x86_64"})
  void elsewhereItIsRefusedWithTheReasonUnlessThePropertyAllowsIt(String osName, String osArch, String name) {
    Platform platform = Platform.of(osName, osArch);
    assertFalse(platform.isProven());
    for (String value : new String[]{null, "false", ""}) {
      if (value != null) {
        System.setProperty(Platform.UNPROVEN_PROPERTY, value);
      }
      for (String library : List.of("liboctet", "oneDNN")) {
        String message = assertThrows(LibraryUnavailableException.class,
            () -> platform.requireAllowed(library)).getMessage();
        assertTrue(message.startsWith("no JVM has run " + library + " on " + name + " yet"), message);
        assertTrue(message.contains("-Doctet.native.unproven=true"), message);
      }
    }
    System.setProperty(Platform.UNPROVEN_PROPERTY, "true");
    assertDoesNotThrow(() -> platform.requireAllowed("liboctet"));
  }
}
