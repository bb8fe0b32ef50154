package dev.octet.cli;

import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.harness.report.Comparison;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.shape.MatMulShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octet bench}: a short measurement of every engine, enough to see which one to use. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = {
    "Time int8 matrix products on every engine that is available.",
    "U8 by S8 to U8, weights per channel, with bias; engines take turns, the median of up to 101 rounds; with one"
        + " thread the time of that thread on a processor. The full suites are in bench/."})
final class BenchCommand implements Callable<Integer> {
  /** A row of the table; {@code against} is null where nothing was compared. */
  private record Result(String shape, String engine, String kernel, int threads, double microseconds,
      double p10,
      double p90, double gops, Change against) {}

  /** Beside an earlier run. */
  private record Change(double before, double after, double faster, double chance, boolean changed) {}

  /** Below this time for an engine a run has too few rounds to be quoted. */
  private static final double QUICK_SECONDS = 0.5;

  @Spec
  private CommandSpec spec;
  @Option(names = "--shapes", split = ",", paramLabel = "MxKxN", defaultValue = "1x768x768,128x384x1536,128x768x3072", description = "rows, input and output features (default: ${DEFAULT-VALUE})")
  private List<String> shapes;
  @Option(names = "--threads", defaultValue = "1", description = "threads of a product (default: ${DEFAULT-VALUE})")
  private int threads;
  @Option(names = "--seconds", defaultValue = "0.5", description = "time for each engine and shape, after half as much to warm up (default: ${DEFAULT-VALUE})")
  private double seconds;
  @Option(names = "--out", paramLabel = "FILE.csv", description = "keep the medians, and the times of every round in FILE-rounds.csv")
  private Path out;
  @Option(names = "--against", paramLabel = "FILE.csv", description = "say which rows have changed since the run that --out kept there, or ci/bench all, on the same CPU and Java, by a rank test over the rounds: p below 0.001 and more than 3 %% apart")
  private Path against;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (!(seconds >= 0 && seconds <= 86_400)) {
      throw UsageErrors.wrong(spec, "--seconds: expected 0 to 86400, got " + seconds);
    }
    UsageErrors.checkThreads(spec, threads);
    List<MatMulShape> products = shapes.stream().map(this::product).toList();
    Machine machine = Machine.here();
    Optional<RoundsFile> earlier = Optional.ofNullable(against).map(BenchCommand::read);
    earlier.ifPresent(run -> Comparison.comparable(run.key(), machine.key()));
    if (out != null && Files.isDirectory(out)) {
      throw UsageErrors.wrong(spec, "--out: expected the name of a file, got the folder " + out);
    }
    RoundsFile run = RoundsFile.of(
        new Origin(machine, "octet bench", OctetCommand.version(), List.of(), seconds < QUICK_SECONDS),
        measure(products));
    if (out != null) {
      write(run);
    }
    print(run, earlier);
    return 0;
  }

  private List<RoundTimes> measure(List<MatMulShape> products) {
    List<EngineStatus> engines;
    try (Octet octet = Octet.open()) {
      engines = octet.engines().stream().filter(EngineStatus::available).toList();
    }
    List<RoundTimes> times = new ArrayList<>();
    try (Screen.Bar bar = new Screen(spec, json).bar("measuring")) {
      for (int i = 0; i < products.size(); i++) {
        bar.at(products.get(i).toString(), i * 1_000_000L, products.size() * 1_000_000L);
        try (BenchContest contest = new BenchContest(products.get(i), threads)) {
          engines.forEach(status -> contest.add(status.engine()));
          times.addAll(contest.time(seconds));
        }
      }
    }
    return times;
  }

  private void print(RoundsFile run, Optional<RoundsFile> earlier) {
    List<Comparison.Row> changes = earlier.map(before -> Comparison.of(before, run)).orElse(List.of());
    Screen screen = new Screen(spec, json);
    List<List<String>> rows = new ArrayList<>();
    List<Result> results = new ArrayList<>();
    for (RoundTimes row : run.times()) {
      String engine = row.benchCase().peer().engine().name();
      String shape = row.benchCase().shape().toString();
      rows.add(List.of(shape + " " + engine, String.format(Locale.ROOT, "%.1f", row.medianMicros()),
          String.format(Locale.ROOT, "%.1f", row.gops()), row.kernel()));
      double[] micros = row.micros();
      results.add(new Result(shape, engine, row.kernel(), threads, row.medianMicros(),
          Rounds.quantile(micros, 0.1), Rounds.quantile(micros, 0.9), row.gops(),
          changes.stream().filter(change -> change.benchCase().equals(row.benchCase())).findFirst()
              .map(change -> new Change(change.before(), change.after(), change.faster(), change.chance(),
                  change.changed()))
              .orElse(null)));
    }
    screen.table(List.of("shape and engine", "us", "GOPS", "kernel"), rows);
    earlier.ifPresent(before -> {
      screen.say("");
      Comparison.lines(against.toString(), before, run).forEach(line -> screen.say(Plain.text(line)));
    });
    screen.json(results);
  }

  private MatMulShape product(String text) {
    String[] parts = text.strip().split("x", -1);
    try {
      MatMulShape product = new MatMulShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]),
          Integer.parseInt(parts[2]));
      if (parts.length == 3 && product.m() > 0 && product.k() > 0 && product.n() > 0
          && product.sourceElements() < 1 << 30 && product.weightElements() < 1 << 30
          && product.destinationElements() < 1 << 30) {
        return product;
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      // said below
    }
    throw UsageErrors.wrong(spec,
        "--shapes: expected MxKxN such as 128x768x3072, matrices of less than 2^30 elements, got " + text);
  }

  private static RoundsFile read(Path csv) {
    try {
      return RoundsFile.read(csv);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException("cannot read " + RoundsFile.rounds(csv) + ": there is no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RoundsFile.rounds(csv) + ": " + e, e);
    }
  }

  private void write(RoundsFile run) {
    try {
      run.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + out + ": " + e, e);
    }
  }
}
