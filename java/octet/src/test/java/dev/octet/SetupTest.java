package dev.octet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The build says that it tests two setups: here it is held to that. */
class SetupTest {
  private final String setup = System.getProperty("octet.test.setup");

  @Test
  void runsAsItsNameSays() {
    assumeTrue(setup != null, "not run by Maven");
    Module module = Octet.class.getModule();
    boolean vectorApi = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    switch (setup) {
      case "modules" -> {
        assertEquals("dev.octet", module.getName());
        assertTrue(vectorApi, "no Vector API");
      }
      case "classpath" -> {
        assertFalse(module.isNamed(), module.toString());
        assertFalse(vectorApi, "the Vector API is there");
      }
      default -> fail("octet.test.setup: " + setup);
    }
  }

  /** The BOM has no parent that would hand its version on. */
  @Test
  void theBomHasTheVersionOfTheLibrary() throws Exception {
    assumeTrue(setup != null, "not run by Maven");
    assertEquals(version(Path.of("..", "..", "pom.xml")), version(Path.of("..", "octet-bom", "pom.xml")));
  }

  private static String version(Path pom) throws IOException {
    Matcher matcher = Pattern.compile("<version>(.*?)</version>").matcher(Files.readString(pom));
    assertTrue(matcher.find(), pom.toString());
    return matcher.group(1);
  }

  @Test
  void runsOnTheJavaThatItIsBuiltFor() {
    assertEquals(25, Runtime.version().feature());
  }
}
