package dev.octet.bench.page;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.Spread;
import dev.octet.harness.report.TurnsTable;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchShape;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run of contests as one page: plots, and the same figures as tables. */
public final class ReportPage {
  /** Row counts of one product from which a line is drawn. */
  private static final int LEAST_ROWS = 4;

  private final RoundsFile file;
  private final HtmlPage page;
  /** Cases that lower tiers took part in: a section of their own. */
  private final Set<BenchCase> ofTiers;

  private ReportPage(RoundsFile file) {
    this.file = file;
    this.ofTiers = file.times().stream().filter(row -> row.benchCase().peer().isa() != null)
        .map(ReportPage::work).collect(Collectors.toSet());
    this.page = new HtmlPage("Octet by turns");
  }

  /**
   * Writes the page.
   *
   * @param file what was measured by turns
   * @param figures what was measured beside
   * @param to the page; its folder is made
   * @throws IOException if that fails
   */
  public static void write(RoundsFile file, List<Figure> figures, Path to) throws IOException {
    Files.createDirectories(to.toAbsolutePath().getParent());
    Files.writeString(to, html(file, figures));
  }

  /** The page as text. */
  static String html(RoundsFile file, List<Figure> figures) throws IOException {
    ReportPage report = new ReportPage(file);
    report.page.lines(file.origin());
    report.page.paragraph(TurnsTable.LEGEND);
    report.shares("Products", "matmul, weightonly", shape -> shape instanceof MatMulShape);
    report.shares("Products of two run-time operands", "batchmatmul",
        shape -> shape instanceof BatchShape);
    report.shares("Convolutions", "conv", shape -> shape instanceof ConvShape);
    report.shares("Pooling", "maxpool, averagepool", shape -> shape instanceof PoolShape);
    report.shares("Element by element", "one pass over an activation",
        shape -> shape instanceof RowsShape);
    report.contests("Lower tiers of instruction sets", "engine NATIVE lowered to a tier",
        report.ofTiers::contains);
    report.roofline();
    report.rows();
    FigureSections.add(figures, report.page);
    return report.page.toString();
  }

  private static String name(BenchCase benchCase) {
    return (benchCase.shape() instanceof RowsShape || benchCase.shape() instanceof PoolShape
        ? benchCase.op() + " "
        : "") + benchCase.shape() + " "
        + benchCase.form() + (benchCase.inFloats() && !benchCase.form().isFloat() ? " in floats" : "");
  }

  private static String nameWithOp(BenchCase benchCase) {
    return benchCase.op() + " " + benchCase.shape() + " " + benchCase.form();
  }

  private static BenchCase work(RoundTimes row) {
    return row.benchCase().by(Peer.LIMIT);
  }

  private Optional<RoundTimes> find(BenchCase work, Peer peer) {
    return file.times().stream().filter(row -> row.benchCase().equals(work.by(peer))).findFirst();
  }

  /** Cases of some shapes that all peers take part in. */
  private void shares(String heading, String what, Predicate<BenchShape> wanted) throws IOException {
    contests(heading, what, work -> wanted.test(work.shape()) && !ofTiers.contains(work));
  }

  /** Bars of the share of the limit, then everything about these cases as a table. */
  private void contests(String heading, String what, Predicate<BenchCase> wanted) throws IOException {
    List<RoundTimes> rows = file.times().stream().filter(row -> wanted.test(work(row))).toList();
    List<BenchCase> works = distinct(rows, ReportPage::work);
    if (works.isEmpty()) {
      return;
    }
    List<Peer> peers = distinct(rows, row -> row.benchCase().peer()).stream()
        .filter(peer -> peer != Peer.LIMIT)
        .sorted(Comparator.comparing(peer -> peer != Peer.OCTET_NATIVE)).toList();
    page.heading(heading);
    List<BarChart.Series> series = new ArrayList<>();
    for (Peer peer : peers) {
      List<Optional<BarChart.Bar>> bars = works.stream()
          .map(work -> find(work, peer).flatMap(row -> row.ofLimit(file.times()))
              .map(spread -> new BarChart.Bar(spread.median(), spread.p10(), spread.p90())))
          .toList();
      if (bars.stream().anyMatch(Optional::isPresent)) {
        series.add(new BarChart.Series(peer.toString(), bars));
      }
    }
    String title = heading + " (" + what + "), one thread: share of the limit, p10 to p90";
    if (!series.isEmpty()) {
      page.image(title,
          BarChart.svg(title, "share of the limit", works.stream().map(ReportPage::name).toList(),
              series));
    }
    table(title, works, peers);
  }

  private void table(String caption, List<BenchCase> works, List<Peer> peers) {
    List<String> head = new ArrayList<>(List.of("case", "limit", "limit us"));
    for (Peer peer : peers) {
      head.addAll(List.of(peer + " us", "of limit"));
      if (peer != Peer.OCTET_NATIVE) {
        head.add("octet x");
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (BenchCase work : works) {
      Optional<RoundTimes> limit = find(work, Peer.LIMIT);
      List<String> cells = new ArrayList<>(
          List.of(name(work), limit.map(RoundTimes::kernel).orElse(""), micros(limit)));
      for (Peer peer : peers) {
        Optional<RoundTimes> row = find(work, peer);
        cells.add(micros(row));
        cells.add(text(row.flatMap(one -> one.ofLimit(file.times()))));
        if (peer != Peer.OCTET_NATIVE) {
          cells.add(text(row.flatMap(one -> find(work, Peer.OCTET_NATIVE).map(ours -> ours.over(one)))));
        }
      }
      rows.add(cells);
    }
    page.table(caption, head, rows);
  }

  private static String micros(Optional<RoundTimes> row) {
    return row.map(one -> number(one.medianMicros())).orElse("");
  }

  private static String number(double micros) {
    return String.format(Locale.ROOT, micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f", micros);
  }

  private static String text(Optional<Spread> spread) {
    return spread.map(Spread::toString).orElse("");
  }

  /** Share of the limit against operations per byte. */
  private void roofline() throws IOException {
    Map<String, List<RoundTimes>> kinds = file.times().stream()
        .filter(row -> row.benchCase().peer() == Peer.OCTET_NATIVE && row.ofLimit(file.times()).isPresent())
        .collect(Collectors.groupingBy(ReportPage::kind, TreeMap::new,
            Collectors.toList()));
    if (kinds.isEmpty()) {
      return;
    }
    page.heading("Share of the limit against operations per byte");
    String title = "octet-native, one thread: share of the limit against operations per byte of the operands";
    List<Charts.Series> series = new ArrayList<>();
    List<List<String>> cells = new ArrayList<>();
    kinds.forEach((kind, rows) -> {
      series.add(new Charts.Series(kind, rows.stream().map(ReportPage::intensity).toList(),
          rows.stream().map(row -> row.ofLimit(file.times()).orElseThrow().median()).toList()));
      rows.forEach(row -> cells.add(List.of(nameWithOp(row.benchCase()),
          String.format(Locale.ROOT, "%.1f", intensity(row)), text(row.ofLimit(file.times())))));
    });
    page.image(title, Charts.points(title, "operations per byte", "share of the limit", series));
    page.table(title, List.of("case", "operations per byte", "of limit"), cells);
  }

  private static String kind(RoundTimes row) {
    return switch (row.benchCase().shape()) {
      case MatMulShape _,BatchShape _ -> "products";
      case ConvShape _ -> "convolutions";
      case PoolShape _ -> "pooling";
      case RowsShape _ -> "element by element";
    };
  }

  private static double intensity(RoundTimes row) {
    return row.benchCase().shape().operations() / row.benchCase().bytes();
  }

  /** Time against the number of rows, for a product that was measured with several. */
  private void rows() throws IOException {
    Map<String, List<RoundTimes>> products = new LinkedHashMap<>();
    for (RoundTimes row : file.times()) {
      if (row.benchCase().shape() instanceof MatMulShape shape) {
        products.computeIfAbsent(row.benchCase().op() + " Mx" + shape.k() + "x" + shape.n() + " "
            + row.benchCase().form(), name -> new ArrayList<>()).add(row);
      }
    }
    for (Map.Entry<String, List<RoundTimes>> product : products.entrySet()) {
      TreeMap<Integer, BenchCase> byRows = new TreeMap<>();
      product.getValue()
          .forEach(row -> byRows.put(((MatMulShape) row.benchCase().shape()).m(), work(row)));
      if (byRows.size() >= LEAST_ROWS) {
        line("Latency against rows: " + product.getKey(), "rows M", List.copyOf(byRows.values()),
            distinct(product.getValue(), row -> row.benchCase().peer()),
            work -> ((MatMulShape) work.shape()).m());
      }
    }
  }

  private void line(String title, String xTitle, List<BenchCase> works, List<Peer> peers,
      Function<BenchCase, Integer> x) throws IOException {
    page.heading(title);
    List<Charts.Series> series = new ArrayList<>();
    for (Peer peer : peers) {
      List<RoundTimes> times = works.stream().flatMap(work -> find(work, peer).stream()).toList();
      series.add(new Charts.Series(peer.toString(),
          times.stream().map(row -> x.apply(work(row)).doubleValue()).toList(),
          times.stream().map(RoundTimes::medianMicros).toList()));
    }
    page.image(title + ", one thread, microseconds", Charts.lines(title, xTitle, "us", series));
    page.table(title + ", one thread, microseconds",
        Stream.concat(Stream.of(xTitle), peers.stream().map(Peer::toString)).toList(),
        works.stream().map(work -> Stream.concat(Stream.of(x.apply(work).toString()),
            peers.stream().map(peer -> micros(find(work, peer)))).toList()).toList());
  }

  private static <T, U> List<U> distinct(List<T> all, Function<T, U> part) {
    Set<U> parts = new LinkedHashSet<>();
    all.forEach(one -> parts.add(part.apply(one)));
    return List.copyOf(parts);
  }
}
