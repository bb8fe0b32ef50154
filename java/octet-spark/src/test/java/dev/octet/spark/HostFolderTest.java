package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights are shared in a folder that no other user enters. */
class HostFolderTest {
  @TempDir
  private Path parent;

  @Test
  void theFolderIsTheOwnersAlone() throws IOException {
    Path folder = HostFolder.of(parent.resolve("a/weights"));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals(folder, HostFolder.of(folder), "once more");
    assertEquals(0, folder.toFile().list().length);
  }

  @Test
  void aFolderThatOthersMayEnterIsRefused() throws IOException {
    Path folder = HostFolder.of(parent.resolve("weights"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals("weight cache: expected " + folder + " to be a folder of this user that no other one enters,"
        + " it has permissions rwxrwxrwx", refusal(folder));
  }

  @Test
  void whatIsNoFolderIsRefused() throws IOException {
    assertTrue(
        refusal(Files.writeString(parent.resolve("file"), "")).contains("to be a folder of this user"));
    Path elsewhere = HostFolder.of(parent.resolve("elsewhere"));
    assertTrue(refusal(Files.createSymbolicLink(parent.resolve("link"), elsewhere))
        .contains("to be a folder of this user"));
  }

  private static String refusal(Path folder) {
    return assertThrows(IllegalStateException.class, () -> HostFolder.of(folder)).getMessage();
  }
}
