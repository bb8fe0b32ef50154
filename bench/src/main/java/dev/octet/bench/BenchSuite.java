package dev.octet.bench;

import dev.octet.bench.blocks.BlockSuite;
import dev.octet.bench.foreign.Mkl;
import dev.octet.bench.networks.NetworkSuite;
import dev.octet.bench.numbers.Numbers;
import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.gate.Floors;
import dev.octet.harness.report.Comparison;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Limits;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.ResultTable;
import dev.octet.harness.report.ResultsCsv;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.shape.ShapeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Runs a suite: limits of the machine, oneDNN from C, Octet on each engine that is here, ONNX Runtime, all in
 * one run; writes results.csv and prints the table.
 */
@Command(name = "bench", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Octet beside FP32, oneDNN from C, ONNX Runtime and the limits of the machine.")
public final class BenchSuite implements Callable<Integer> {
  /** Begins the line in which the program limits says what it believes. */
  private static final String CACHES = "# caches: ";

  /** What people call. */
  private static final String NAME = "ci/bench";

  private static final String SPLIT = "octet.onednn.split";

  /** From starting a JVM to the end of its iterations, for the estimate. */
  private static final double SECONDS_A_FORK = 1.3;

  @Spec
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SUITE", description = "${COMPLETION-CANDIDATES}")
  private Suite suite;

  @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "threads of a call; of all: one, because threads of several libraries in one process disturb each other")
  private List<Integer> threads;

  @Option(names = "--shapes", split = ",", description = "shape files, by path or by their name in bench/shapes (default: those of the suite)")
  private List<String> shapes;

  @Option(names = "--peers", split = ",", description = "only these (default: all that are here)")
  private List<String> peers;

  @Option(names = "--dtypes", split = ",", description = "only these number forms (default: those of the shapes)")
  private List<String> dtypes;

  @Option(names = "--quick", description = "one JVM and short iterations, few rounds: to see that it runs, not to quote; its files say so, and ci/numbers takes none of them")
  private boolean quick;

  @Option(names = "--require", description = "gate: fail where floors bind and nothing could be measured, as in continuous integration")
  private boolean require;

  @Option(names = "--list", description = "print the cases and stop")
  private boolean list;

  @Option(names = "--out", description = "the results (default: bench/target/results.csv; of all: bench/target/turns.csv, of figures: bench/target/figures.csv, of models, texts and loads: bench/target/SUITE-figures.csv); the figures of networks go beside it, -figures in their name")
  private Path out;

  @Option(names = "--against", description = "all: an earlier run, to say which rows have changed: its file of medians, with that of its rounds beside it")
  private Path against;

  @Option(names = "--results", description = "all: show this run instead of measuring")
  private Path results;

  @Option(names = "--mkl", description = "the folder of Intel MKL, which ci/peers --mkl fetches")
  private Path mkl;

  @Mixin
  private final NetworkSuite networks = new NetworkSuite();

  @Mixin
  private final BlockSuite blocks = new BlockSuite();

  @Mixin
  private final FigureSuites figureSuites = new FigureSuites();

  private final List<Measurement> rows = new ArrayList<>();
  private final Set<String> reasons = new LinkedHashSet<>();
  private final List<String> failures = new ArrayList<>();
  private Machine machine = Machine.here();
  private final Path bench = Folders.bench();
  private final Path programs = bench.resolve("target/native");
  private final NativeProgram limitsProgram = new NativeProgram(programs, "limits");
  private final NativeProgram onednnProgram = new NativeProgram(programs, "onednn-c");
  private String command;

  /**
   * Runs a suite.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(commandLine(args).execute(args));
  }

  static CommandLine commandLine(String... args) {
    BenchSuite bench = new BenchSuite();
    bench.command = NAME + " " + String.join(" ", args);
    return Usage.of(bench, NAME);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkOptions();
    if (suite == Suite.gate) {
      return gate();
    }
    if (suite == Suite.limits) {
      return new LimitsRun(limitsProgram).run(out == null ? bench.resolve("target/limits.csv") : out,
          origin(Set.of()));
    }
    if (suite == Suite.all && results != null) {
      Path csv = found(results);
      return TurnsRun.show(runOf("--results", csv).rounds(),
          Usage.value(spec, "--results", () -> figuresBeside(csv)), earlier());
    }
    if (suite == Suite.figures || FigureSuites.has(suite)) {
      return measureFigures();
    }
    if (suite == Suite.numbers) {
      return updateNumbers();
    }
    quick |= suite == Suite.smoke;
    List<ShapeFile> files = shapeFiles();
    Optional<TurnsRun.Earlier> earlier = earlier();
    earlier.ifPresent(run -> Usage.value(spec, "--against",
        () -> Comparison.comparable(run.rounds().key(), machine.key())));
    boolean everybody = peers == null;
    if (suite == Suite.all) {
      threads = List.of(1);
      peers = peers == null ? TurnsRun.PEERS : peers;
    }
    Set<Form> forms = dtypes == null
        ? Set.of()
        : Usage.value(spec, "--dtypes", () -> dtypes.stream().map(Form::parse).collect(Collectors.toSet()));
    Set<Peer> here = Peers.here(onednnProgram, peers, reasons);
    Set<Peer> present = everybody && suite == Suite.all
        ? Peers.here(onednnProgram, null, new LinkedHashSet<>())
        : here;
    Set<Peer> asked = new LinkedHashSet<>(present);
    if (everybody) {
      asked.addAll(Peers.tiers());
    }
    List<BenchCase> cases = new Plan(suite, threads, here, asked, forms).cases(files);
    if (cases.isEmpty() && !suite.ops().isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), "nothing to measure: of "
          + (everybody ? "those who are here" : String.join(", ", peers))
          + " nobody takes a shape of these files in these dtypes"
          + (reasons.isEmpty() ? "" : "; left out: " + String.join("; ", reasons)));
    }
    if (list) {
      cases.forEach(benchCase -> say(benchCase.toString()));
      return 0;
    }
    if (suite == Suite.all) {
      return new TurnsRun(origin(cases.stream().map(BenchCase::peer).collect(Collectors.toSet())), reasons)
          .run(cases,
              out == null ? bench.resolve("target/turns.csv") : out, earlier,
              figures(present));
    }
    printHead(cases.size());
    Path csv = out == null ? bench.resolve("target/results.csv") : out;
    try (ResultsCsv results = new ResultsCsv(csv, origin(here))) {
      measureLimits(results);
      if (suite == Suite.overhead || suite == Suite.smoke) {
        measureDowncalls(results);
      }
      if (suite == Suite.callers) {
        measureCallers(cases, results);
      } else {
        measure(cases, results);
      }
      measureNetworks(here, results);
      measureBlocks(here, results);
    }
    if (!networks.figures().isEmpty()) {
      Path file = out == null ? bench.resolve("target/networks-figures.csv") : FiguresFile.beside(out);
      new FiguresFile(origin(here).lines(), networks.figures()).write(file);
      say("Figures: " + file);
    }
    int turns = suite == Suite.smoke
        ? new TurnsRun(origin(here), reasons).run(
            cases.stream().filter(benchCase -> benchCase.threads() == 1).toList(),
            bench.resolve("target/turns.csv"), Optional.empty(), figures(here))
        : 0;
    printEnd(csv);
    return failures.isEmpty() ? turns : 1;
  }

  /** What is known to be wrong before anything is measured. */
  private void checkOptions() {
    Usage.checkThreads(spec, threads);
    if (peers != null) {
      Usage.value(spec, "--peers", () -> peers.stream().map(Peer::named).toList());
    }
    if (mkl != null) {
      Usage.value(spec, "--mkl", () -> Mkl.use(found(mkl)));
    }
    networks.checkOptions(spec);
    blocks.checkOptions(spec);
    figureSuites.checkOptions(spec, suite);
    if (out != null) {
      out = Folders.output(out);
      Usage.checkOutput(spec, "--out", out);
    }
    only(Suite.all, "--against", against != null);
    only(Suite.all, "--results", results != null);
    only(Suite.gate, "--require", require);
  }

  private void only(Suite wanted, String option, boolean there) {
    if (there && suite != wanted) {
      throw Usage.wrong(spec, option, "suite " + wanted, "suite " + suite);
    }
  }

  private int gate() throws IOException {
    Path floors = bench.resolve("gate");
    for (Path file : GateRun.files(floors)) {
      Usage.file(spec, "gate", file, () -> Floors.read(file));
    }
    return new GateRun(floors, programs, require).run();
  }

  private List<ShapeFile> shapeFiles() {
    List<ShapeFile> files = new ArrayList<>();
    for (String name : shapes == null ? suite.shapes() : shapes) {
      Path kept = bench.resolve("shapes/" + name + ".txt");
      Path file = Files.exists(Path.of(name)) ? Path.of(name) : kept;
      if (!Files.isRegularFile(file)) {
        throw Usage.wrong(spec, "--shapes", "a file of shapes, or one of " + keptShapes(), name);
      }
      files.add(Usage.file(spec, "--shapes", file, () -> ShapeFile.read(file)));
    }
    return files;
  }

  private List<String> keptShapes() {
    String[] names = bench.resolve("shapes").toFile().list((folder, name) -> name.endsWith(".txt"));
    return Stream.of(names == null ? new String[0] : names).map(name -> name.substring(0, name.length() - 4))
        .sorted().toList();
  }

  private Optional<TurnsRun.Earlier> earlier() {
    return against == null ? Optional.empty() : Optional.of(runOf("--against", found(against)));
  }

  private TurnsRun.Earlier runOf(String option, Path csv) {
    return Usage.file(spec, option, RoundsFile.rounds(csv),
        () -> TurnsRun.Earlier.read(csv));
  }

  private static List<Figure> figuresBeside(Path csv) {
    try {
      return FiguresFile.read(FiguresFile.beside(csv)).figures();
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + FiguresFile.beside(csv) + ": " + e, e);
    }
  }

  private Origin origin(Set<Peer> here) throws InterruptedException {
    return new Origin(machine, command, Origin.commitOf(bench), Versions.of(here), quick);
  }

  private int measureFigures() throws IOException, InterruptedException {
    String name = suite == Suite.figures ? "figures.csv" : suite + "-figures.csv";
    Path file = out == null ? bench.resolve("target").resolve(name) : out;
    say(machine.describe());
    Set<Peer> here = suite == Suite.figures
        ? Peers.here(onednnProgram, peers, reasons)
        : FigureSuites.PEERS;
    reasons.forEach(reason -> say("Left out: " + reason));
    List<Figure> figures = suite == Suite.figures
        ? new FigureRun(here, quick, BenchSuite::say).run()
        : figureSuites.run(suite, bench.resolve("target/models"), quick, BenchSuite::say);
    new FiguresFile(origin(here).lines(), figures).write(file);
    say("Results: " + file);
    return 0;
  }

  /** What is no share of a limit, where the suite measures the shapes that it does by itself. */
  private List<Figure> figures(Set<Peer> here) throws IOException, InterruptedException {
    return shapes == null ? new FigureRun(here, quick, BenchSuite::say).run() : List.of();
  }

  /** A file by its path, or by its path in the repository: Maven starts the suite in the folder bench. */
  private Path found(Path file) {
    return file == null || Files.exists(file) ? file : bench.resolveSibling(file);
  }

  private int updateNumbers() throws IOException {
    Numbers numbers = new Numbers(bench.getParent());
    for (Path document : numbers.documents()) {
      String text = numbers.updated(document);
      if (!text.equals(Files.readString(document))) {
        Files.writeString(document, text);
        say("Written anew: " + document);
      }
    }
    return 0;
  }

  private void printHead(int cases) {
    double minutes = cases * SECONDS_A_FORK * (quick ? 0.7 : 2) / 60;
    say(machine.describe());
    say("Command: " + command + (System.getProperty(SPLIT) == null
        ? ""
        : "   with -D" + SPLIT + "="
            + System.getProperty(SPLIT) + ": oneDNN's int8 without VNNI as two products of 7-bit weights"));
    say((cases == 0 ? "" : cases + " cases, about " + Math.max(1, Math.round(minutes)) + " min. ")
        + (quick ? "QUICK: one JVM, short iterations; not for quoting." : ""));
    reasons.forEach(reason -> say("Left out: " + reason));
    if (peers == null || peers.contains("octet-scalar")) {
      say(String.format("octet-scalar: one thread, and up to %,.0f operations.", Plan.SCALAR_OPERATIONS));
    }
  }

  private void measureLimits(ResultsCsv results) throws IOException, InterruptedException {
    List<Measurement> measured = new ArrayList<>();
    if (limitsProgram.isThere()) {
      measured = limitsNow(quick);
    } else {
      say("Left out: limit: not built, see onednn-c");
    }
    for (Measurement limit : measured) {
      results.add(limit);
      say(String.format("limit: %-5s %-22s %d thread%s %9.1f %s", limit.op(), limit.shape(), limit.threads(),
          limit.threads() == 1 ? ": " : "s:", limit.gops(),
          limit.op().equals("read") ? "GB/s" : limit.op().equals("fma") ? "GFLOPS" : "GOPS"));
    }
  }

  /** What the machine can do at this moment. */
  private List<Measurement> limitsNow(boolean shortly) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(
        List.of("--threads", threads.stream().map(Object::toString).collect(Collectors.joining(","))));
    if (machine.caches().size() > 1) {
      arguments.addAll(
          List.of("--caches",
              machine.caches().stream().map(Object::toString).collect(Collectors.joining(","))));
    }
    if (shortly) {
      arguments.add("--quick");
    }
    List<Measurement> measured = new ArrayList<>();
    for (String line : limitsProgram.run("", arguments)) {
      if (line.startsWith(CACHES)) {
        machine = machine
            .with(Stream.of(line.substring(CACHES.length()).split(",")).map(Long::valueOf).toList());
      } else {
        measured.add(Measurement.parse(line));
      }
    }
    return measured;
  }

  private void measureDowncalls(ResultsCsv results) throws IOException {
    for (Map.Entry<String, String> downcall : new LinkedHashMap<>(
        Map.of("plainDowncall", "downcall", "criticalDowncall", "downcall-critical")).entrySet()) {
      try {
        Measurement measured = jmh().measureDowncall(
            CallOverheadBench.class.getName() + "." + downcall.getKey(),
            downcall.getValue());
        results.add(measured);
        say(String.format("limit: call  %-22s 1 thread : %9.1f ns", measured.shape(),
            measured.medianMicros() * 1e3));
      } catch (RunnerException e) {
        fail(downcall.getValue(), e);
      }
    }
  }

  private JmhRun jmh() throws IOException {
    return new JmhRun(quick ? JmhRun.Effort.QUICK : JmhRun.Effort.QUOTED, bench.resolve("target"));
  }

  /**
   * Clocks drift: 870 to 950 GOPS were seen within minutes on a rented machine. So a share of the limit is
   * one of the limit measured right before the cases that it is for.
   */
  private void measure(List<BenchCase> cases, ResultsCsv results)
      throws IOException, InterruptedException {
    Set<BenchCase> bounded = new HashSet<>();
    long start = System.nanoTime();
    for (int i = 0; i < cases.size(); i++) {
      BenchCase benchCase = cases.get(i);
      BenchCase limit = benchCase.by(Peer.LIMIT);
      if (bounded.add(limit) && limitsProgram.isThere()) {
        double least = new Limits(limitsNow(true), machine.caches()).micros(limit);
        if (!Double.isNaN(least)) {
          add(Measurement.of(limit, least, "", Double.NaN), results);
        }
      }
      Measurement measured = benchCase.peer() == Peer.ONEDNN_C ? fromC(benchCase) : fromJava(benchCase);
      if (measured != null) {
        add(measured, results);
        double left = (System.nanoTime() - start) * 1e-9 / (i + 1) * (cases.size() - i - 1);
        say(String.format("[%d/%d] %s: %.3f us (%d:%02d left)", i + 1, cases.size(), benchCase,
            measured.medianMicros(),
            (int) left / 60, (int) left % 60));
      }
    }
  }

  /**
   * In this JVM, since all that is asked is how callers get on with each other: for calls of one thread the
   * time for each product where 2 and 8 call at once, for calls of several the waits alone and beside a busy
   * thread.
   */
  private void measureCallers(List<BenchCase> cases, ResultsCsv results) throws IOException {
    Crowd crowd = quick ? new Crowd(5, 20) : new Crowd(15, 100);
    for (BenchCase benchCase : cases) {
      try (Subject subject = Subjects.open(benchCase)) {
        if (benchCase.threads() == 1) {
          for (int callers : List.of(2, 8)) {
            double micros = crowd.microsPerRun(Stream.generate(subject::caller).limit(callers).toList());
            addCrowd(benchCase, "-" + callers + "callers", micros, subject.kernel(), results);
          }
        } else {
          for (boolean busy : new boolean[]{false, true}) {
            Crowd.Waits waits = crowd.waits(subject.caller(), busy);
            String name = busy ? "-busy" : "-alone";
            addCrowd(benchCase, name, waits.medianMicros(), subject.kernel(), results);
            addCrowd(benchCase, name + "-p99", waits.p99Micros(), subject.kernel(), results);
          }
        }
      } catch (UnsupportedOperationException refused) {
        leaveOut(benchCase.peer().toString(), refused.getMessage());
      } catch (RuntimeException e) {
        fail(benchCase.toString(), e);
      }
    }
  }

  private void measureNetworks(Set<Peer> here, ResultsCsv results) throws IOException, InterruptedException {
    if (suite == Suite.networks) {
      networks.run(here, onednnProgram, threads, quick, results);
    } else if (suite == Suite.smoke) {
      networks.runShortest(here, onednnProgram, results);
    }
  }

  private void measureBlocks(Set<Peer> here, ResultsCsv results) throws IOException {
    if (suite == Suite.llama_decode) {
      blocks.run(here, programs, threads, quick, results);
    } else if (suite == Suite.smoke) {
      blocks.runShortest(here, programs, results);
    }
  }

  private void addCrowd(BenchCase benchCase, String name, double micros, String kernel, ResultsCsv results)
      throws IOException {
    Measurement measured = new Measurement(benchCase.peer().toString(), benchCase.op() + name,
        benchCase.shape().toString(), benchCase.form().toString(), benchCase.threads(), micros,
        benchCase.shape().operations() / micros * 1e-3, kernel, Double.NaN);
    add(measured, results);
    say(String.format("%s, %s: %.3f us", benchCase, measured.op(), micros));
  }

  private void add(Measurement measured, ResultsCsv results) throws IOException {
    rows.add(measured);
    results.add(measured);
  }

  private Measurement fromC(BenchCase benchCase) throws IOException, InterruptedException {
    String input = benchCase.op() + " " + benchCase.shape() + " " + benchCase.form() + " "
        + benchCase.threads() + "\n";
    String implementation = "";
    for (String line : onednnProgram.run(input, List.of("--ms", quick ? "30" : "200"))) {
      if (line.startsWith("#")) {
        implementation = line.substring(line.indexOf(": ") + 2);
      } else if (line.startsWith("!")) {
        leaveOut("onednn-c " + benchCase.form(), line.substring(line.indexOf(": ") + 2));
      } else {
        Measurement row = Measurement.parse(line);
        return Measurement.of(benchCase, row.medianMicros(), implementation, Double.NaN);
      }
    }
    return null;
  }

  private Measurement fromJava(BenchCase benchCase) throws IOException {
    try {
      // Here first: whether the peer takes it is known without a JVM of its own.
      Subjects.open(benchCase).close();
      return jmh().measure(benchCase,
          suite == Suite.overhead
              ? CallOverheadBench.class.getName() + ".product"
              : JmhRun.method(benchCase.op()));
    } catch (UnsupportedOperationException refused) {
      leaveOut(benchCase.peer().toString(), refused.getMessage());
      return null;
    } catch (RunnerException | RuntimeException e) {
      fail(benchCase.toString(), e);
      return null;
    }
  }

  /** The same reason for many shapes is said once. */
  private void leaveOut(String what, String why) {
    if (reasons.add(what + ": " + why)) {
      say("Left out: " + what + ": " + why);
    }
  }

  private void fail(String what, Throwable failure) {
    StringBuilder text = new StringBuilder(what);
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      text.append("\n  ").append(cause);
      for (Throwable suppressed : cause.getSuppressed()) {
        text.append("\n    ").append(suppressed);
      }
    }
    failures.add(text.toString());
    say("FAILED: " + text);
  }

  private void printEnd(Path csv) {
    if (!rows.isEmpty()) {
      new ResultTable(rows).lines().forEach(BenchSuite::say);
      say("");
      say(ResultTable.LEGEND);
    }
    say("");
    say(machine.describe());
    say("Command: " + command);
    reasons.forEach(reason -> say("Left out: " + reason));
    rows.stream()
        .filter(row -> row.peer().startsWith("octet-") && !row.dtype().equals("f32")
            && !row.op().startsWith("pack")
            && row.bytesPerRun() >= 1)
        .forEach(row -> say(
            "GARBAGE: " + row.peer() + " " + row.op() + " " + row.shape() + " " + row.dtype() + " "
                + row.threads() + ": "
                + row.bytesPerRun() + " bytes a run, expected 0"));
    failures.forEach(failure -> say("FAILED: " + failure));
    say("Results: " + csv);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
