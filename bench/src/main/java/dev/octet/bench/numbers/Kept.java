package dev.octet.bench.numbers;

import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.ResultsCsv;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.Spread;
import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Results that are kept, as documents write them; those of quick runs are refused. */
final class Kept {
  private Kept() {}

  static RoundsFile rounds(Path file) throws IOException {
    RoundsFile kept = RoundsFile.read(file);
    refuseQuick(file, kept.quick());
    return kept;
  }

  static FiguresFile figures(Path file) throws IOException {
    FiguresFile kept = FiguresFile.read(file);
    refuseQuick(file, kept.quick());
    return kept;
  }

  static List<Measurement> limits(Path file) throws IOException {
    List<String> origin = new ArrayList<>();
    List<Measurement> rows = ResultsCsv.read(file, origin);
    refuseQuick(file, Origin.isQuick(origin));
    return rows.stream().filter(row -> row.peer().equals("limit")).toList();
  }

  private static void refuseQuick(Path file, boolean quick) {
    if (quick) {
      throw new IllegalArgumentException(file.getFileName()
          + " is of a quick run, whose figures are not to be quoted: measure again without --quick");
    }
  }

  /**
   * Reads {@code key=value key=value}.
   *
   * @param ways which keys may stand together
   * @throws IllegalArgumentException if the keys are not those of one of the ways
   */
  static Map<String, String> options(String words, List<Set<String>> ways) {
    Map<String, String> options = new HashMap<>();
    for (String word : words.split("\\s+", -1)) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("expected key=value, got \"" + word + "\"");
      }
      options.put(word.substring(0, equals), word.substring(equals + 1));
    }
    if (!ways.contains(options.keySet())) {
      throw new IllegalArgumentException("expected the keys of one of "
          + ways.stream().map(TreeSet::new).toList() + ", got \"" + words + "\"");
    }
    return options;
  }

  /** A name without spaces and capitals. */
  static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  static Optional<RoundTimes> find(RoundsFile results, BenchCase benchCase) {
    return results.times().stream().filter(row -> row.benchCase().equals(benchCase)).findFirst();
  }

  static String micros(double micros) {
    return micros >= 1000
        ? String.format(Locale.ROOT, "%,.0f", micros)
        : String.format(Locale.ROOT, micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f", micros);
  }

  /** A star behind what is not to be quoted: p10 and p90 far apart. */
  static String ratio(Optional<Spread> spread) {
    return spread.map(one -> String.format(Locale.ROOT, one.median() < 10 ? "%.2f" : "%.0f", one.median())
        + (one.unsteady() ? "*" : "")).orElse("-");
  }
}
