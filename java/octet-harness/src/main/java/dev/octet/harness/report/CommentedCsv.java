package dev.octet.harness.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** CSV files that begin with comments, which say where the rows are from, and a header. */
final class CommentedCsv {
  private static final String COMMENT = "# ";

  private CommentedCsv() {}

  /** Writes a file; its folder is made. */
  static void write(Path file, List<String> comments, String header, Stream<String> rows)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    List<String> lines = new ArrayList<>();
    comments.forEach(comment -> lines.add(COMMENT + comment));
    lines.add(header);
    rows.forEach(lines::add);
    Files.write(file, lines);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @param header its header
   * @param comments takes its comments
   * @param parse makes something of a row; throws IllegalArgumentException if it is none
   * @return what was made
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a row is none or stands before the header, with file and line number,
   *         or if there is no header
   */
  static <T> List<T> read(Path file, String header, List<String> comments, Function<String, T> parse)
      throws IOException {
    List<T> rows = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    boolean headed = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(COMMENT)) {
        comments.add(line.substring(COMMENT.length()));
      } else if (line.equals(header)) {
        headed = true;
      } else {
        try {
          if (!headed) {
            throw new IllegalArgumentException("no header above it");
          }
          rows.add(parse.apply(line));
        } catch (IllegalArgumentException e) {
          String got = "expected " + header + ", got \"" + line + "\"";
          throw new IllegalArgumentException(file.getFileName() + ":" + (i + 1) + ": " + got
              + (got.equals(e.getMessage()) ? "" : ": " + e.getMessage()), e);
        }
      }
    }
    if (!headed) {
      throw new IllegalArgumentException(file.getFileName() + ": expected a line " + header);
    }
    return rows;
  }
}
