package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where each system keeps the caches of a user. */
class CachePlaceTest {
  private static final Map<String, String> BOTH = Map.of("XDG_CACHE_HOME", "/xdg", "LOCALAPPDATA", "/local");

  private static Path place(String property, String os, Map<String, String> environment, String home) {
    return CachePlace.of(property, os, environment::get, home);
  }

  @Test
  void thePropertyComesFirst() {
    for (String os : new String[]{"linux", "windows", "macos", "plan9"}) {
      assertEquals(Path.of("/x"), place("/x", os, BOTH, "/home/u"), os);
      assertEquals(Path.of("/x"), place("/x", os, Map.of(), null), os);
    }
  }

  @Test
  void onLinuxAndUnknownSystemsXdgSaysIt() {
    for (String os : new String[]{"linux", "plan9"}) {
      assertEquals(Path.of("/xdg/octet"), place(null, os, BOTH, "/home/u"), os);
      assertEquals(Path.of("/xdg/octet"), place("", os, BOTH, "/home/u"), os);
      for (Map<String, String> none : List.of(Map.<String, String>of(),
          Map.of("XDG_CACHE_HOME", ""), Map.of("XDG_CACHE_HOME", "relative"))) {
        assertEquals(Path.of("/home/u/.cache/octet"), place(null, os, none, "/home/u"), os);
      }
    }
  }

  @Test
  void onWindowsItIsTheProfileThatStaysOnTheMachine() {
    assertEquals(Path.of("/local/octet"), place(null, "windows", BOTH, "/Users/u"));
    assertEquals(Path.of("/Users/u/AppData/Local/octet"), place(null, "windows", Map.of(), "/Users/u"));
    assertEquals(Path.of("/Users/u/AppData/Local"), CachePlace.profile(name -> "relative", "/Users/u"));
  }

  @Test
  void onMacOsItIsTheLibraryOfTheUser() {
    assertEquals(Path.of("/Users/u/Library/Caches/octet"), place(null, "macos", BOTH, "/Users/u"));
  }

  @Test
  void aPropertyOrAVariableNamesIt() {
    assertTrue(CachePlace.isNamed("/x", "macos", Map.<String, String>of()::get));
    assertTrue(CachePlace.isNamed(null, "linux", BOTH::get));
    assertFalse(CachePlace.isNamed("", "linux", Map.<String, String>of()::get));
    assertFalse(CachePlace.isNamed(null, "linux", Map.of("XDG_CACHE_HOME", "relative")::get));
    assertFalse(CachePlace.isNamed(null, "macos", BOTH::get));
  }

  @Test
  void aUserWithoutHomeIsTold() {
    for (String os : new String[]{"linux", "windows", "macos"}) {
      for (String home : new String[]{null, "", "?"}) {
        String message = refused(os, Map.of(), home);
        assertTrue(message.contains("no home directory") && message.contains("-Doctet.cache=DIR"), message);
      }
    }
  }

  @Test
  void whatIsNoPathIsNamed() {
    String home = refused("linux", Map.of(), "/home/\0");
    assertTrue(home.startsWith("the user's home directory is no file name in "), home);
    assertTrue(home.contains("LC_ALL=C.UTF-8") && home.contains("-Doctet.cache=DIR"), home);
    String local = refused("windows", Map.of("LOCALAPPDATA", "/\0"), "/home/u");
    assertTrue(local.startsWith("the environment variable LOCALAPPDATA is no file name in "), local);
    assertEquals("", Place.advice("windows"));
  }

  private static String refused(String os, Map<String, String> environment, String home) {
    return assertThrows(LibraryUnavailableException.class, () -> place(null, os, environment, home))
        .getMessage();
  }
}
