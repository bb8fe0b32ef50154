package dev.octet.bench.numbers;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FigureTable;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A table in Markdown, made of results that are kept. */
final class Table {
  private static final List<Set<String>> WAYS = List.of(Set.of("file", "op"), Set.of("file", "op", "cases"),
      Set.of("file", "op", "by"), Set.of("file", "op", "cases", "by"), Set.of("file", "topic"),
      Set.of("file", "topic", "what"), Set.of("file", "limits"));
  private static final Set<String> OPS = Set.of("dot", "fma", "read");

  private Table() {}

  /**
   * Makes a table.
   *
   * @param root what files are relative to
   * @param words what stands in the mark
   * @return its lines
   */
  static List<String> lines(Path root, String words) throws IOException {
    Map<String, String> options = Kept.options(words, WAYS);
    Path file = root.resolve(options.get("file"));
    if (options.containsKey("topic")) {
      return topic(file, options);
    } else if (options.containsKey("limits")) {
      return limits(file, options.get("limits"));
    }
    Peer by = Peer.named(options.getOrDefault("by", Peer.OCTET_NATIVE.toString()));
    RoundsFile results = Kept.rounds(file);
    List<BenchCase> works = works(results, by, List.of(options.get("op").split(",")), options.get("cases"));
    List<Peer> others = PeerWords.columns().stream().filter(peer -> peer != by
        && works.stream().anyMatch(work -> Kept.find(results, work.by(peer)).isPresent())).toList();
    List<String> head = new ArrayList<>(List.of("us", "share of the limit"));
    others.forEach(peer -> head.add(PeerWords.of(peer)));
    List<String> lines = new ArrayList<>(List.of("| " + row(head), rule(1 + head.size())));
    for (BenchCase work : works) {
      RoundTimes ours = Kept.find(results, work).orElseThrow();
      List<String> cells = new ArrayList<>(List.of(CaseWords.of(work), Kept.micros(ours.medianMicros()),
          Kept.ratio(ours.ofLimit(results.times()))));
      others.forEach(peer -> cells.add(Kept.ratio(Kept.find(results, work.by(peer)).map(ours::over))));
      lines.add(row(cells));
    }
    return lines;
  }

  /**
   * Figures that have no limit: a row for each subject and peer, or of one quantity for each subject, with a
   * column for each peer.
   */
  private static List<String> topic(Path file, Map<String, String> options) throws IOException {
    String name = options.get("topic");
    List<Figure> all = Kept.figures(file).figures();
    List<Figure> figures = all.stream().filter(figure -> Kept.word(figure.topic()).equals(name)).toList();
    if (figures.isEmpty()) {
      throw new IllegalArgumentException("no figures of " + name + " in " + file.getFileName()
          + ", expected one of " + all.stream().map(figure -> Kept.word(figure.topic())).distinct().toList());
    }
    String what = options.get("what");
    if (what == null) {
      return lines(FigureTable.of(figures));
    }
    List<Figure> wanted = figures.stream().filter(figure -> Kept.word(figure.what()).equals(what)).toList();
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("nothing of " + name + " is " + what + ", expected one of "
          + figures.stream().map(figure -> Kept.word(figure.what())).distinct().toList());
    }
    FigureTable table = FigureTable.byPeer(wanted);
    return lines(new FigureTable(table.head().stream().map(PeerWords::of).toList(), table.rows()));
  }

  private static List<String> lines(FigureTable table) {
    List<String> lines = new ArrayList<>(List.of(row(table.head()), rule(table.head().size())));
    table.rows().forEach(cells -> lines.add(row(cells)));
    return lines;
  }

  /** What a core can do, by op: dot, fma or read. */
  private static List<String> limits(Path file, String ops) throws IOException {
    Set<String> wanted = Set.of(ops.split(",", -1));
    List<Measurement> rows = Kept.limits(file).stream().filter(row -> wanted.contains(row.op())).toList();
    if (!OPS.containsAll(wanted)
        || !rows.stream().map(Measurement::op).collect(Collectors.toSet()).equals(wanted)) {
      throw new IllegalArgumentException("limits of " + ops + ": expected dot, fma or read, each in "
          + file.getFileName());
    }
    List<String> lines = new ArrayList<>(List.of("| | |", "|---|---|"));
    for (Measurement limit : rows) {
      String what = switch (limit.op()) {
        case "dot" -> "8-bit products, ";
        case "fma" -> "f32 products, ";
        default -> "reading ";
      };
      String unit = switch (limit.op()) {
        case "dot" -> "GOPS";
        case "fma" -> "GFLOPS";
        default -> "GB/s";
      };
      lines.add(row(List.of(what + limit.shape().replace('-', ' '),
          String.format(Locale.ROOT, limit.gops() < 100 ? "%.1f" : "%.0f", limit.gops()) + " " + unit)));
    }
    return lines;
  }

  private static String row(List<String> cells) {
    return "| " + cells.stream().map(cell -> cell.isEmpty() ? "-" : cell).collect(Collectors.joining(" | "))
        + " |";
  }

  private static String rule(int columns) {
    return "|" + "---|".repeat(columns);
  }

  /** What a peer was measured at, in the order of the file, or of the names. */
  private static List<BenchCase> works(RoundsFile results, Peer by, List<String> ops, String names) {
    Set<BenchCase> works = new LinkedHashSet<>();
    if (names == null) {
      for (RoundTimes row : results.times()) {
        BenchCase benchCase = row.benchCase();
        if (benchCase.peer() == by && ops.contains(benchCase.op().toString())) {
          works.add(benchCase);
        }
      }
      for (String op : ops) {
        if (works.stream().noneMatch(work -> work.op().toString().equals(op))) {
          throw new IllegalArgumentException(by + " was not measured at " + op);
        }
      }
    } else {
      for (String name : names.split(",", -1)) {
        String[] parts = name.split(":", -1);
        works.add(results.times().stream().map(RoundTimes::benchCase)
            .filter(row -> row.peer() == by && ops.contains(row.op().toString())
                && parts.length == 2
                && row.shape().toString().equals(parts[0]) && row.form().toString().equals(parts[1]))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(by + " was not measured at " + name)));
      }
    }
    return List.copyOf(works);
  }
}
