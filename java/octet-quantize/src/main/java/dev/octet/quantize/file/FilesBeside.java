package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that lie beside the one that was opened, in the same folder, and nowhere else. */
final class FilesBeside {
  private FilesBeside() {}

  /**
   * Finds a file.
   *
   * @param what names it, for messages
   * @param name without a folder
   * @param folder of the file that was opened, as a real path
   * @param linked the folder that a link may lead to: that of the file itself, where a link was opened, as in
   *        Hugging Face's cache
   * @return its real path
   * @throws MalformedFileException if the name is none of a file there, or the file lies elsewhere
   * @throws java.io.UncheckedIOException if the folder cannot be read
   */
  static Path find(String what, String name, Path folder, Path linked) {
    try {
      Path file = Path.of(name);
      if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('\\') >= 0 || name.equals("..")
          || name.equals(".") || file.isAbsolute() || file.getNameCount() != 1) {
        throw new MalformedFileException(
            what + ": expected names of files in the same folder, got \"" + name + "\"");
      }
      Path real = folder.resolve(file).toRealPath();
      if (!real.startsWith(folder) && !linked.equals(real.getParent())) {
        throw new MalformedFileException(what + ": \"" + name + "\" is a link out of the folder");
      }
      if (!Files.isRegularFile(real)) {
        throw new MalformedFileException(what + ": \"" + name + "\" is no file");
      }
      return real;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new MalformedFileException(what + ": there is no file \"" + name + "\"", e);
    } catch (IOException e) {
      throw FileError.reading(folder.resolve(name), e);
    }
  }
}
