package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of platforms, and where liboctet may run. */
class PlatformTest {
  private static final Platform ARM = Platform.of("Linux", "aarch64");

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Platform.UNPROVEN_PROPERTY);
  }

  @ParameterizedTest
  @CsvSource({"Linux, amd64, linux-x86_64", "Linux, x86_64, linux-x86_64", "Linux, aarch64, linux-aarch64",
      "Mac OS X, aarch64, macosx-aarch64", "Plan 9, vax, plan9-vax"})
  void itsNameIsThatOfTheFolderInTheJar(String osName, String osArch, String name) {
    assertEquals(name, Platform.of(osName, osArch).toString());
  }

  @Test
  void whereTheTestsOfJavaRanNothingHasToAllowIt() {
    Platform platform = Platform.of("Linux", "amd64");
    assertTrue(platform.isProven());
    assertDoesNotThrow(platform::requireAllowed);
    System.setProperty(Platform.UNPROVEN_PROPERTY, "false");
    assertDoesNotThrow(platform::requireAllowed);
  }

  @Test
  void elsewhereThePropertyAllowsIt() {
    assertFalse(ARM.isProven());
    System.setProperty(Platform.UNPROVEN_PROPERTY, "true");
    assertDoesNotThrow(ARM::requireAllowed);
  }

  @Test
  void elsewhereItIsRefusedWithTheReasonAndTheProperty() {
    for (String value : new String[]{null, "false", ""}) {
      if (value != null) {
        System.setProperty(Platform.UNPROVEN_PROPERTY, value);
      }
      String message = assertThrows(LibraryUnavailableException.class, ARM::requireAllowed).getMessage();
      assertTrue(message.startsWith("no JVM has run liboctet on linux-aarch64 yet"), message);
      assertTrue(message.contains("-Doctet.native.unproven=true"), message);
    }
  }
}
