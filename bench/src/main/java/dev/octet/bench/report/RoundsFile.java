package dev.octet.bench.report;

import dev.octet.bench.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Contests as they are kept: a CSV file with a line for each contestant, and beside it, {@code -rounds} in
 * its name, the times of every round, which is all that another run is compared with.
 *
 * @param machine CPU, caches and JDK, as {@link Machine#describe} has them, in lines
 * @param key what has to be the same in files that are compared: {@link Machine#key}
 * @param times the contestants, those of a case next to each other
 */
public record RoundsFile(List<String> machine, String key, List<RoundTimes> times) {
  /** The first line of the file of medians that is no comment. */
  public static final String HEADER = "peer,op,shape,dtype,threads,median_us,gops,of_limit,p10,p90,kernel";

  private static final String ROUNDS_HEADER = "peer,op,shape,dtype,threads,kernel,us of each round";
  private static final String KEY = "# key: ";
  private static final String COMMENT = "# ";

  /** Copies the lists. */
  public RoundsFile {
    machine = List.copyOf(machine);
    times = List.copyOf(times);
  }

  /** Times of this machine. */
  public static RoundsFile of(Machine machine, List<RoundTimes> times) {
    return new RoundsFile(machine.describe().lines().toList(), machine.key(), times);
  }

  /** The file of rounds beside a file of medians. */
  public static Path rounds(Path csv) {
    return beside(csv, "rounds");
  }

  static Path beside(Path csv, String what) {
    String name = csv.getFileName().toString();
    return csv.resolveSibling(name.replaceFirst("\\.csv$", "") + "-" + what + ".csv");
  }

  /**
   * Writes both files; the folder is made.
   *
   * @param csv the file of medians
   * @throws IOException if that fails
   */
  public void write(Path csv) throws IOException {
    Files.createDirectories(csv.toAbsolutePath().getParent());
    Files.write(csv, lines(HEADER, times.stream().map(this::median)));
    Files.write(rounds(csv), lines(ROUNDS_HEADER, times.stream().map(RoundsFile::round)));
  }

  private List<String> lines(String header, Stream<String> rows) {
    List<String> lines = new ArrayList<>();
    machine.forEach(line -> lines.add(COMMENT + line));
    lines.add(KEY + key);
    lines.add(header);
    rows.forEach(lines::add);
    return lines;
  }

  private String median(RoundTimes row) {
    Optional<Spread> share = row.ofLimit(times);
    return String.format(Locale.ROOT, "%s,%.3f,%.3f,%s,%s", words(row.benchCase()), row.medianMicros(),
        row.gops(), share.map(
            spread -> String.format(Locale.ROOT, "%.4f,%.4f,%.4f", spread.median(), spread.p10(),
                spread.p90()))
            .orElse(",,"),
        cell(row.kernel()));
  }

  private static String round(RoundTimes row) {
    return words(row.benchCase()) + "," + cell(row.kernel()) + ","
        + DoubleStream.of(row.micros()).mapToObj(micros -> String.format(Locale.ROOT, "%.5g", micros))
            .collect(Collectors.joining(" "));
  }

  private static String words(BenchCase benchCase) {
    return benchCase.peer() + "," + benchCase.op() + "," + benchCase.shape() + "," + benchCase.form() + ","
        + benchCase.threads();
  }

  private static String cell(String text) {
    return text.replace(',', ';');
  }

  /**
   * Reads the rounds beside a file of medians.
   *
   * @param csv the file of medians
   * @return what was written
   * @throws IOException if the file of rounds cannot be read
   * @throws IllegalArgumentException if a line is none, with file and line number
   */
  public static RoundsFile read(Path csv) throws IOException {
    Path file = rounds(csv);
    List<String> machine = new ArrayList<>();
    String key = "";
    List<RoundTimes> times = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(KEY)) {
        key = line.substring(KEY.length());
      } else if (line.startsWith(COMMENT)) {
        machine.add(line.substring(COMMENT.length()));
      } else if (!line.equals(ROUNDS_HEADER)) {
        try {
          times.add(parse(line));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              file.getFileName() + ":" + (i + 1) + ": expected " + ROUNDS_HEADER + ", got \"" + line + "\"",
              e);
        }
      }
    }
    return new RoundsFile(machine, key, times);
  }

  private static RoundTimes parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != 7) {
      throw new IllegalArgumentException(cells.length + " cells");
    }
    BenchCase benchCase = BenchCase.of(cells[0], cells[1], cells[2], cells[3], Integer.parseInt(cells[4]));
    return new RoundTimes(benchCase, cells[5],
        Stream.of(cells[6].split(" ")).mapToDouble(Double::parseDouble).toArray());
  }
}
