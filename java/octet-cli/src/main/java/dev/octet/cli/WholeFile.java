package dev.octet.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Small files: written aside, then renamed, so that nobody ever sees half of one. */
final class WholeFile {
  private WholeFile() {}

  static void write(Path path, String text) {
    write(path, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static void write(Path path, byte[] bytes) {
    Path target = path.toAbsolutePath();
    Path aside = target
        .resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    aside.toFile().deleteOnExit(); // after Ctrl-C
    try {
      Files.write(aside, bytes);
      Files.move(aside, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e, e);
    }
  }
}
