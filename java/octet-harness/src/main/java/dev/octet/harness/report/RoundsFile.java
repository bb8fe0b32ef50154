package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Contests as they are kept: a CSV file with a line for each contestant, and beside it, {@code -rounds} in
 * its name, the times of every round, which is all that another run is compared with.
 *
 * @param origin where it comes from, {@link Origin#lines}
 * @param key what has to be the same in files that are compared: {@link Machine#key}
 * @param times the contestants, those of a case next to each other
 */
public record RoundsFile(List<String> origin, String key, List<RoundTimes> times) {
  /** The first line of the file of medians that is no comment. */
  public static final String HEADER = "peer,op,shape,dtype,threads,median_us,gops,of_limit,p10,p90,kernel";

  private static final String ROUNDS_HEADER = "peer,op,shape,dtype,threads,kernel,us of each round";
  /** Begins the last comment. */
  private static final String KEY = "key: ";

  /** Copies the lists. */
  public RoundsFile {
    origin = List.copyOf(origin);
    times = List.copyOf(times);
  }

  /** Times of this machine. */
  public static RoundsFile of(Origin origin, List<RoundTimes> times) {
    return new RoundsFile(origin.lines(), origin.machine().key(), times);
  }

  /** Whether the run was to see that it runs, not to quote. */
  public boolean quick() {
    return Origin.isQuick(origin);
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
    List<String> comments = Stream.concat(origin.stream(), Stream.of(KEY + key)).toList();
    CommentedCsv.write(csv, comments, HEADER, times.stream().map(this::median));
    CommentedCsv.write(rounds(csv), comments, ROUNDS_HEADER, times.stream().map(RoundsFile::round));
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
   * @throws IllegalArgumentException if a line is none, with file and line number, or if contestants of a
   *         case have not the same rounds or one is there twice
   */
  public static RoundsFile read(Path csv) throws IOException {
    List<String> comments = new ArrayList<>();
    List<RoundTimes> times = CommentedCsv.read(rounds(csv), ROUNDS_HEADER, comments, RoundsFile::parse);
    check(rounds(csv), times);
    String key = comments.stream().filter(comment -> comment.startsWith(KEY))
        .map(comment -> comment.substring(KEY.length())).findFirst().orElse("");
    return new RoundsFile(comments.stream().filter(comment -> !comment.startsWith(KEY)).toList(), key, times);
  }

  /** A file that was cut off, or put together by hand, is told from one that was written. */
  private static void check(Path file, List<RoundTimes> times) {
    Set<BenchCase> seen = new HashSet<>();
    Map<BenchCase, Integer> rounds = new HashMap<>();
    for (RoundTimes row : times) {
      int count = row.micros().length;
      int expected = rounds.computeIfAbsent(row.benchCase().by(Peer.LIMIT), work -> count);
      if (count != expected || !seen.add(row.benchCase())) {
        throw new IllegalArgumentException(file.getFileName() + ": " + row.benchCase() + ": "
            + (count != expected
                ? "expected as many rounds as others of its case, " + expected + ", got " + count
                : "twice"));
      }
    }
  }

  private static RoundTimes parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != 7) {
      throw new IllegalArgumentException(cells.length + " cells");
    }
    BenchCase benchCase = BenchCase.of(cells[0], cells[1], cells[2], cells[3], Integer.parseInt(cells[4]));
    return new RoundTimes(benchCase, cells[5],
        Stream.of(cells[6].split(" ")).mapToDouble(RoundsFile::micros).toArray());
  }

  private static double micros(String text) {
    double micros = Double.parseDouble(text);
    if (!(micros > 0 && micros < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a time of " + text);
    }
    return micros;
  }
}
