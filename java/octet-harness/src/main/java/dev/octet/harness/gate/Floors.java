package dev.octet.harness.gate;

import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
   * @param where name of the file and number of the line
   * @param benchCase what is measured
   * @param share the least share of the limit, above 0
   */
  public record Floor(String where, BenchCase benchCase, double share) {}

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
   * @throws IllegalArgumentException if a line is none, its op takes no such shape or dtype, or its case has
   *         a floor already, with file and line number; or if there is no line at all
   */
  public static Floors read(Path file) throws IOException {
    Map<BenchCase, Floor> rows = new LinkedHashMap<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      String where = file.getFileName() + ":" + (i + 1);
      try {
        if (!line.isEmpty()) {
          Floor floor = parse(where, line);
          Floor earlier = rows.put(floor.benchCase(), floor);
          if (earlier != null) {
            throw new IllegalArgumentException("a second floor of the case of " + earlier.where());
          }
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
      }
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          file.getFileName() + ": expected lines of op, shape, dtype and a share above 0, got none");
    }
    return new Floors(List.copyOf(rows.values()));
  }

  private static Floor parse(String where, String line) {
    String[] words = line.split("\\s+", -1);
    double share = words.length == 4 && words[3].matches("\\d+(\\.\\d+)?") ? Double.parseDouble(words[3]) : 0;
    if (!(share > 0)) {
      throw new IllegalArgumentException(
          "expected op, shape, dtype and a share above 0, got \"" + line + "\"");
    }
    return new Floor(where, BenchCase.of("octet-native", words[0], words[1], words[2], 1), share);
  }
}
