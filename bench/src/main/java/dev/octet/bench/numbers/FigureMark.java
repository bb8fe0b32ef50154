package dev.octet.bench.numbers;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.Spread;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A figure within a sentence, made of results that are kept. */
final class FigureMark {
  private static final List<Set<String>> WAYS = List.of(Set.of("file", "topic", "subject", "peer", "what"),
      Set.of("file", "case", "peer", "of"));

  private FigureMark() {}

  /**
   * Makes a figure.
   *
   * @param root what files are relative to
   * @param words what stands in the mark
   * @return the figure
   */
  static String text(Path root, String words) throws IOException {
    Map<String, String> options = Kept.options(words, WAYS);
    Path file = root.resolve(options.get("file"));
    return options.containsKey("topic") ? figure(file, options) : ofCase(file, options);
  }

  private static String figure(Path file, Map<String, String> options) throws IOException {
    List<Figure> found = Kept.figures(file).figures().stream()
        .filter(figure -> Kept.word(figure.topic()).equals(options.get("topic"))
            && Kept.word(figure.subject()).equals(options.get("subject"))
            && Kept.word(figure.peer()).equals(options.get("peer"))
            && Kept.word(figure.what()).equals(options.get("what")))
        .toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException("expected one figure of " + options + ", got " + found.size());
    }
    return found.getFirst().medianText();
  }

  private static String ofCase(Path file, Map<String, String> options) throws IOException {
    String[] parts = options.get("case").split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "case: expected op:shape:dtype, got \"" + options.get("case") + "\"");
    }
    RoundsFile results = Kept.rounds(file);
    BenchCase benchCase = BenchCase.of(options.get("peer"), parts[0], parts[1], parts[2], 1);
    RoundTimes row = Kept.find(results, benchCase)
        .orElseThrow(() -> new IllegalArgumentException(benchCase + " was not measured"));
    return switch (options.get("of")) {
      case "us" -> Kept.micros(row.medianMicros());
      case "limit" -> ratio(row.ofLimit(results.times()), benchCase, Peer.LIMIT);
      case "octet" -> ratio(
          Kept.find(results, benchCase.by(Peer.OCTET_NATIVE)).map(ours -> ours.over(row)), benchCase,
          Peer.OCTET_NATIVE);
      default -> throw new IllegalArgumentException(
          "of: expected us, limit or octet, got \"" + options.get("of") + "\"");
    };
  }

  private static String ratio(Optional<Spread> spread, BenchCase benchCase, Peer other) {
    return Kept.ratio(Optional.of(spread.orElseThrow(() -> new IllegalArgumentException(
        benchCase + " has no ratio to " + other + ", which was not measured beside it"))));
  }
}
