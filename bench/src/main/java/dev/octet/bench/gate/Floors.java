package dev.octet.bench.gate;

import dev.octet.bench.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The floors of a tier of instruction sets, one a line: op, shape, number form, and the least share of the
 * limit that a call of one thread on engine NATIVE may reach; {@code #} starts a comment.
 *
 * @param rows in the order of the file
 */
public record Floors(List<Floor> rows) {
  /**
   * A line.
   *
   * @param benchCase what is measured
   * @param share the least share of the limit, above 0
   */
  public record Floor(BenchCase benchCase, double share) {}

  /** Copies the list. */
  public Floors {
    rows = List.copyOf(rows);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its floors
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a line is none, with file and line number
   */
  public static Floors read(Path file) throws IOException {
    List<Floor> rows = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      try {
        if (!line.isEmpty()) {
          rows.add(parse(line));
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file.getFileName() + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return new Floors(rows);
  }

  private static Floor parse(String line) {
    String[] words = line.split("\\s+", -1);
    double share = words.length == 4 && words[3].matches("\\d+(\\.\\d+)?") ? Double.parseDouble(words[3]) : 0;
    if (!(share > 0)) {
      throw new IllegalArgumentException(
          "expected op, shape, dtype and a share above 0, got \"" + line + "\"");
    }
    return new Floor(BenchCase.of("octet-native", words[0], words[1], words[2], 1), share);
  }
}
