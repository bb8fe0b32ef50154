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
      Set.of("file", "topic"), Set.of("file", "limits"));
  private static final Set<String> OPS = Set.of("dot", "fma", "read");
  private static final List<Peer> OTHERS = List.of(Peer.ONEDNN_C, Peer.ORT, Peer.ORT_U8, Peer.MKL,
      Peer.OCTET_AVX512, Peer.OCTET_AVXVNNI, Peer.OCTET_AVX2, Peer.OCTET_BASELINE);
  private static final Map<Peer, String> NAMES = Map.of(Peer.ONEDNN_C, "oneDNN from C", Peer.ORT,
      "ONNX Runtime", Peer.ORT_U8, "ONNX Runtime, u8 instead of s8", Peer.MKL, "Intel MKL",
      Peer.OCTET_AVX512, "AVX-512 without VNNI", Peer.OCTET_AVXVNNI, "AVX-VNNI", Peer.OCTET_AVX2, "AVX2",
      Peer.OCTET_BASELINE, "portable C");

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
      return topic(file, options.get("topic"));
    } else if (options.containsKey("limits")) {
      return limits(file, options.get("limits"));
    }
    RoundsFile results = Kept.rounds(file);
    List<BenchCase> works = works(results, List.of(options.get("op").split(",")),
        options.get("cases"));
    List<Peer> others = OTHERS.stream()
        .filter(peer -> works.stream().anyMatch(work -> Kept.find(results, work.by(peer)).isPresent()))
        .toList();
    StringBuilder head = new StringBuilder("| | us | share of the limit |");
    StringBuilder rule = new StringBuilder("|---|---|---|");
    for (Peer peer : others) {
      head.append(' ').append(NAMES.get(peer)).append(" |");
      rule.append("---|");
    }
    List<String> lines = new ArrayList<>(List.of(head.toString(), rule.toString()));
    for (BenchCase work : works) {
      RoundTimes ours = Kept.find(results, work.by(Peer.OCTET_NATIVE)).orElseThrow();
      StringBuilder line = new StringBuilder("| ").append(CaseWords.of(work)).append(" | ")
          .append(Kept.micros(ours.medianMicros())).append(" | ")
          .append(Kept.ratio(ours.ofLimit(results.times())))
          .append(" |");
      for (Peer peer : others) {
        line.append(' ').append(Kept.ratio(Kept.find(results, work.by(peer)).map(ours::over))).append(" |");
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** Figures that have no limit: a row for each subject and peer. */
  private static List<String> topic(Path file, String name) throws IOException {
    List<Figure> figures = Kept.figures(file).figures();
    FigureTable table = FigureTable.of(figures.stream()
        .filter(figure -> Kept.word(figure.topic()).equals(name)).toList());
    if (table.rows().isEmpty()) {
      throw new IllegalArgumentException("no figures of " + name + " in " + file.getFileName()
          + ", expected one of "
          + figures.stream().map(figure -> Kept.word(figure.topic())).distinct().toList());
    }
    List<String> lines = new ArrayList<>(
        List.of(row(table.head()), "|" + "---|".repeat(table.head().size())));
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

  /** What octet-native was measured at, in the order of the file, or of the names. */
  private static List<BenchCase> works(RoundsFile results, List<String> ops, String names) {
    Set<BenchCase> works = new LinkedHashSet<>();
    if (names == null) {
      for (RoundTimes row : results.times()) {
        BenchCase benchCase = row.benchCase();
        if (benchCase.peer() == Peer.OCTET_NATIVE && ops.contains(benchCase.op().toString())) {
          works.add(benchCase);
        }
      }
      for (String op : ops) {
        if (works.stream().noneMatch(work -> work.op().toString().equals(op))) {
          throw new IllegalArgumentException("octet-native was not measured at " + op);
        }
      }
    } else {
      for (String name : names.split(",", -1)) {
        String[] parts = name.split(":", -1);
        works.add(results.times().stream().map(RoundTimes::benchCase)
            .filter(row -> row.peer() == Peer.OCTET_NATIVE && ops.contains(row.op().toString())
                && parts.length == 2
                && row.shape().toString().equals(parts[0]) && row.form().toString().equals(parts[1]))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("octet-native was not measured at " + name)));
      }
    }
    return List.copyOf(works);
  }
}
