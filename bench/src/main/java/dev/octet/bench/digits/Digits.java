package dev.octet.bench.digits;

import dev.octet.bench.FigureOutput;
import dev.octet.bench.digits.Study.Agreement;
import dev.octet.bench.digits.Study.Row;
import dev.octet.bench.digits.Study.Size;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints the table of what quantization costs and what training for it wins back, and holds integers to their
 * fake-quantized twins. The table is in docs/numbers.md.
 */
@Command(name = "digits", mixinStandardHelpOptions = true, description = "Quantization-aware training on drawn digits: FP32, PTQ and QAT, and the result on integers.")
public final class Digits implements Callable<Integer> {
  /** The share of images that integers may take for something else than the twin does. */
  private static final double MAY_DIFFER = 0.001;

  private static final String NAME = "ci/digits";
  private static final String TOPIC = "Training for integers";

  @Spec
  private CommandSpec spec;

  @Option(names = "--threads", defaultValue = "2", description = "networks trained at once (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--out", description = "the accuracies as figures (default: bench/target/digits-figures.csv)")
  private Path out;

  @Option(names = "--seed", defaultValue = "1", description = "of images, weights and order (default: ${DEFAULT-VALUE})")
  private long seed;

  /**
   * Runs the study.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return Usage.of(new Digits(), NAME);
  }

  @Override
  public Integer call() throws Exception {
    Usage.checkThreads(spec, List.of(threads));
    FigureOutput output = FigureOutput.of(spec, NAME, out, "digits-figures.csv");
    Size size = Size.FULL;
    System.out.printf("Drawing %d digits to learn from and %d to be tested with.%n", size.trainImages(),
        size.testImages());
    List<Row> rows = new Study(size, seed, System.out::println).run(threads);
    System.out.println();
    table(rows).forEach(System.out::println);
    output.write(Set.of(), List.of(), false, figures(rows, size.testImages()));
    System.out.println("Figures: " + output.file());
    int most = (int) (MAY_DIFFER * size.testImages());
    boolean same = true;
    for (Map.Entry<String, Integer> engine : differing(rows).entrySet()) {
      int worst = engine.getValue();
      same &= worst <= most;
      System.out.printf("%s: at most %d of %d images differ from the twin (allowed: %d)%n", engine.getKey(),
          worst, size.testImages(), most);
    }
    // One row of each network: the kernels are the same at every precision.
    for (Row row : List.of(rows.getFirst(), rows.getLast())) {
      row.integers().forEach((engine, agreement) -> System.out.printf("%s %s the %s: %s%n", engine,
          agreement.taken() ? "runs" : "does not take", row.network(), agreement.kernels()));
    }
    return same ? 0 : 1;
  }

  /** Markdown; top-1 in percent. */
  static List<String> table(List<Row> rows) {
    List<String> lines = new ArrayList<>(
        List.of(
            "| network | bits | weight scales | FP32 | PTQ | QAT | QAT on integers | images that differ |",
            "|---|---|---|---|---|---|---|---|"));
    for (Row row : rows) {
      Agreement auto = row.integers().get(Study.AUTO);
      lines.add(String.format("| %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %d |", row.network(),
          row.precision().bits(), row.precision().granularity(), row.fp32(), row.ptq(), row.qat(),
          auto.top1(), auto.differing()));
    }
    return lines;
  }

  /** Accuracies as shares of the test images, which four digits tell exactly. */
  static List<Figure> figures(List<Row> rows, int images) {
    List<Figure> figures = new ArrayList<>();
    for (Row row : rows) {
      String subject = row.network() + " " + row.precision().bits() + " " + row.precision().granularity();
      Agreement auto = row.integers().get(Study.AUTO);
      for (Map.Entry<String, Double> top1 : List.of(Map.entry("FP32", row.fp32()),
          Map.entry("PTQ", row.ptq()), Map.entry("QAT", row.qat()),
          Map.entry("QAT on integers", auto.top1()))) {
        figures.add(Figure.of(TOPIC, subject, top1.getKey(), "top-1", "share", top1.getValue() / 100));
      }
    }
    differing(rows).forEach((engine, most) -> figures.add(Figure.of(TOPIC, "a network at most",
        "octet-" + engine.toLowerCase(Locale.ROOT), "images that differ", "of " + images, most)));
    return figures;
  }

  /** For each engine that takes a network, the most images that differ in one. */
  private static Map<String, Integer> differing(List<Row> rows) {
    Map<String, Integer> most = new LinkedHashMap<>();
    for (Row row : rows) {
      row.integers().forEach((engine, agreement) -> {
        if (agreement.taken()) {
          most.merge(engine, agreement.differing(), Math::max);
        }
      });
    }
    return most;
  }
}
