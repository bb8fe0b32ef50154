package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  private static final byte[] TEXT = "new".getBytes(StandardCharsets.UTF_8);

  @TempDir
  Path folder;

  @Test
  void linksAreFollowedAndPermissionsKept() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
    OutputFile.write(link, TEXT);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertEquals("rw-rw-r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("made"));
    OutputFile.write(dangling, TEXT);
    assertEquals("new", Files.readString(folder.resolve("made")));
    Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
    assertThrows(java.io.UncheckedIOException.class, () -> OutputFile.write(loop, TEXT));
  }

  @Test
  void whatIsNoFileIsRefused() {
    String said = assertThrows(IllegalArgumentException.class,
        () -> OutputFile.write(Path.of("/dev/null"), TEXT)).getMessage();
    assertEquals(
        "/dev/null: expected the name of a file to be written, it is a device, a pipe or a socket", said);
    assertThrows(IllegalArgumentException.class, () -> OutputFile.write(folder, TEXT));
  }

  @Test
  void inputsAreNeverOutputs() throws IOException {
    Path in = Files.writeString(folder.resolve("in.safetensors"), "old");
    Path hard = Files.createLink(folder.resolve("hard"), in);
    Path soft = Files.createSymbolicLink(folder.resolve("soft"), in);
    Path other = Files.writeString(folder.resolve("other"), "old");
    for (Path same : List.of(in, hard, soft)) {
      String said = assertThrows(IllegalArgumentException.class,
          () -> OutputFile.refuseInputs("--output", same, List.of(other, in))).getMessage();
      assertTrue(said.startsWith("--output: " + same + " is the input"), said);
    }
    OutputFile.refuseInputs("--output", other, List.of(in));
    OutputFile.refuseInputs("--output", folder.resolve("none"), List.of(in));
    OutputFile.refuseInputs("--output", other, List.of());
  }

  @Test
  void leftoversOfTheSameNameGoUnlessInUse() throws IOException {
    Path left = part(".out.0123456789abcdef.part", true);
    Path young = part(".out.0123456789abcde0.part", false);
    Path others = part(".else.0123456789abcdef.part", true);
    Path used = part(".out.0123456789abcde1.part", true);
    try (FileChannel channel = FileChannel.open(used, StandardOpenOption.WRITE)) {
      channel.lock();
      OutputFile.write(folder.resolve("out"), TEXT);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(Stream.of(folder.resolve("out"), young, others, used).sorted().toList(),
          files.sorted().toList(), left + " stayed");
    }
  }

  /** Names of 255 bytes, of characters of three and four: the temporary one beside it fits too. */
  @Test
  void namesAsLongAsTheFileSystemHasThem() throws IOException {
    for (String name : List.of("\u6f22".repeat(85), "a" + "\ud83d\ude00".repeat(60), "b".repeat(255))) {
      assumeTrue(fits(name), "names of the file system and of the JVM");
      Path target = folder.resolve(name);
      OutputFile.write(target, new byte[]{1, 2, 3});
      assertArrayEquals(new byte[]{1, 2, 3}, Files.readAllBytes(target));
    }
  }

  private boolean fits(String name) {
    try {
      Files.delete(Files.createFile(folder.resolve(name)));
      return true;
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  private Path part(String name, boolean old) throws IOException {
    Path part = Files.writeString(folder.resolve(name), "part");
    if (old) {
      Files.setLastModifiedTime(part, FileTime.fromMillis(System.currentTimeMillis() - 120_000));
    }
    return part;
  }
}
