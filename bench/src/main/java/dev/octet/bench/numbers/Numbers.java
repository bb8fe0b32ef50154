package dev.octet.bench.numbers;

import dev.octet.bench.report.Figure;
import dev.octet.bench.report.FigureTable;
import dev.octet.bench.report.FiguresFile;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.RoundsFile;
import dev.octet.bench.report.Spread;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tables of figures in Markdown that nobody types: between a line
 *
 * <pre>
 * &lt;!-- numbers file=bench/results/MACHINE/turns.csv op=matmul,conv cases=128x768x768:u8s8s32 --&gt;
 * </pre>
 *
 * and a line {@code <!-- /numbers -->} stands what the results in the file say; {@code cases} may be left
 * out, and then every case of the ops is a row. With
 * {@code file=.../turns-figures.csv topic=scaling-with-threads} instead of ops it is a topic of a file of
 * figures.
 */
public final class Numbers {
  private static final String BEGIN = "<!-- numbers ";
  private static final String BEGIN_END = " -->";
  private static final String END = "<!-- /numbers -->";
  private static final List<String> KEYS = List.of("file", "op", "cases", "topic");
  private static final List<Peer> OTHERS = List.of(Peer.ONEDNN_C, Peer.ORT, Peer.ORT_U8, Peer.MKL,
      Peer.OCTET_AVX512, Peer.OCTET_AVXVNNI, Peer.OCTET_AVX2, Peer.OCTET_BASELINE);
  private static final Map<Peer, String> NAMES = Map.of(Peer.ONEDNN_C, "oneDNN from C", Peer.ORT,
      "ONNX Runtime", Peer.ORT_U8, "ONNX Runtime, u8 instead of s8", Peer.MKL, "Intel MKL",
      Peer.OCTET_AVX512, "AVX-512 without VNNI", Peer.OCTET_AVXVNNI, "AVX-VNNI", Peer.OCTET_AVX2, "AVX2",
      Peer.OCTET_BASELINE, "portable C");

  private final Path root;

  /**
   * For a repository.
   *
   * @param root its root, which names of files are relative to
   */
  public Numbers(Path root) {
    this.root = root;
  }

  /** README.md and the Markdown files of docs. */
  public List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
      return Stream.concat(Stream.of(root.resolve("README.md")),
          docs.filter(file -> file.toString().endsWith(".md")).sorted()).toList();
    }
  }

  /**
   * The text of a document with tables made anew.
   *
   * @param document the file
   * @return its text as it has to be
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if a table's first line is not understood or has no end, with file and
   *         line number
   */
  public String updated(Path document) throws IOException {
    List<String> text = new ArrayList<>();
    List<String> lines = List.of(Files.readString(document).split("\n", -1));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      text.add(line);
      if (line.startsWith(BEGIN) && line.endsWith(BEGIN_END)) {
        try {
          text.addAll(table(line.substring(BEGIN.length(), line.length() - BEGIN_END.length())));
          List<String> rest = lines.subList(i + 1, lines.size());
          int end = rest.indexOf(END) + 1;
          if (end == 0 || rest.subList(0, end - 1).stream().anyMatch(Numbers::isMark)) {
            throw new IllegalArgumentException("no line " + END + " after it");
          }
          text.add(END);
          i += end;
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              document.getFileName() + ":" + (i + 1) + ": " + e.getMessage(), e);
        }
      } else if (isMark(line)) {
        throw new IllegalArgumentException(document.getFileName() + ":" + (i + 1) + ": expected \"" + BEGIN
            + "..." + BEGIN_END + "\", and \"" + END + "\" after a table, alone on a line, got \"" + line
            + "\"");
      }
    }
    return String.join("\n", text);
  }

  /** What begins or ends a table, or was meant to. */
  private static boolean isMark(String line) {
    return line.matches("(?is)\\s*<!--\\s*/?\\s*numbers?\\b.*");
  }

  private List<String> table(String words) throws IOException {
    Map<String, String> options = options(words);
    if (options.containsKey("topic")) {
      return topic(root.resolve(options.get("file")), options.get("topic"));
    }
    RoundsFile results = RoundsFile.read(root.resolve(options.get("file")));
    List<BenchCase> works = works(results, List.of(options.get("op").split(",")),
        options.get("cases"));
    List<Peer> others = OTHERS.stream()
        .filter(peer -> works.stream().anyMatch(work -> find(results, work.by(peer)).isPresent())).toList();
    StringBuilder head = new StringBuilder("| | us | share of the limit |");
    StringBuilder rule = new StringBuilder("|---|---|---|");
    for (Peer peer : others) {
      head.append(' ').append(NAMES.get(peer)).append(" |");
      rule.append("---|");
    }
    List<String> lines = new ArrayList<>(List.of(head.toString(), rule.toString()));
    for (BenchCase work : works) {
      RoundTimes ours = find(results, work.by(Peer.OCTET_NATIVE)).orElseThrow();
      StringBuilder line = new StringBuilder("| ").append(CaseWords.of(work)).append(" | ")
          .append(micros(ours.medianMicros())).append(" | ").append(ratio(ours.ofLimit(results.times())))
          .append(" |");
      for (Peer peer : others) {
        line.append(' ').append(ratio(find(results, work.by(peer)).map(ours::over))).append(" |");
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** Figures that have no limit: a row for each subject and peer. */
  private static List<String> topic(Path file, String name) throws IOException {
    List<Figure> figures = FiguresFile.read(file).figures();
    FigureTable table = FigureTable.of(figures.stream()
        .filter(figure -> word(figure.topic()).equals(name)).toList());
    if (table.rows().isEmpty()) {
      throw new IllegalArgumentException("no figures of " + name + " in " + file.getFileName()
          + ", expected one of " + figures.stream().map(figure -> word(figure.topic())).distinct().toList());
    }
    List<String> lines = new ArrayList<>(
        List.of(row(table.head()), "|" + "---|".repeat(table.head().size())));
    table.rows().forEach(cells -> lines.add(row(cells)));
    return lines;
  }

  private static String word(String topic) {
    return topic.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  private static String row(List<String> cells) {
    return "| " + cells.stream().map(cell -> cell.isEmpty() ? "-" : cell).collect(Collectors.joining(" | "))
        + " |";
  }

  private static Map<String, String> options(String words) {
    Map<String, String> options = new HashMap<>();
    for (String word : words.split("\\s+", -1)) {
      int equals = word.indexOf('=');
      if (equals < 0 || !KEYS.contains(word.substring(0, equals))) {
        throw new IllegalArgumentException(
            "expected key=value with keys of " + KEYS + ", got \"" + word + "\"");
      }
      options.put(word.substring(0, equals), word.substring(equals + 1));
    }
    if (!options.containsKey("file") || options.containsKey("op") == options.containsKey("topic")) {
      throw new IllegalArgumentException("expected file=... and op=... or topic=..., got \"" + words + "\"");
    }
    return options;
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

  private static Optional<RoundTimes> find(RoundsFile results, BenchCase benchCase) {
    return results.times().stream().filter(row -> row.benchCase().equals(benchCase)).findFirst();
  }

  private static String micros(double micros) {
    return micros >= 1000
        ? String.format(Locale.ROOT, "%,.0f", micros)
        : String.format(Locale.ROOT, micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f", micros);
  }

  /** A star behind what is not to be quoted: p10 and p90 far apart. */
  private static String ratio(Optional<Spread> spread) {
    return spread.map(one -> String.format(Locale.ROOT, one.median() < 10 ? "%.2f" : "%.0f", one.median())
        + (one.unsteady() ? "*" : "")).orElse("-");
  }
}
