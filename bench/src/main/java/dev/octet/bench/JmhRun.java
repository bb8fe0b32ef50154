package dev.octet.bench;

import dev.octet.harness.report.Measurement;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures a case by JMH: average time of an iteration, and of those the median over all iterations of all
 * JVMs. Iterations are short and many, because on a shared machine a neighbour spoils some of them, and a
 * median does not care.
 */
final class JmhRun {
  /** How long and how often. */
  enum Effort {
    /** For figures that are quoted: two JVMs. */
    QUOTED(2, 3, 100, 10, 30),
    /** To see that it runs: one JVM. */
    QUICK(1, 1, 50, 5, 20);

    private final int forks;
    private final int warmups;
    private final int warmupMillis;
    private final int iterations;
    private final int iterationMillis;

    Effort(int forks, int warmups, int warmupMillis, int iterations, int iterationMillis) {
      this.forks = forks;
      this.warmups = warmups;
      this.warmupMillis = warmupMillis;
      this.iterations = iterations;
      this.iterationMillis = iterationMillis;
    }
  }

  /**
   * Where threads share a call, the compiler takes a processor from them for longer: 128x768x768 on two
   * processors takes 150 us at first and 95 after half a second.
   */
  private static final int WARMUPS_OF_THREADS = 4;

  /** Lines of JMH's own output that a failure is told with. */
  private static final int TAIL = 30;

  private final Effort effort;
  private final Path notes;
  private final Path log;

  /**
   * With an effort.
   *
   * @param effort how long
   * @param folder where JVMs and JMH may write
   */
  JmhRun(Effort effort, Path folder) throws IOException {
    this.effort = effort;
    this.notes = Files.createDirectories(folder).resolve("bench-notes.txt").toAbsolutePath();
    this.log = folder.resolve("jmh.log");
  }

  /**
   * Measures a case.
   *
   * @param benchCase of a peer inside the JVM
   * @param method the benchmark
   * @return the measurement
   * @throws RunnerException if the benchmark throws
   */
  Measurement measure(BenchCase benchCase, String method) throws RunnerException, IOException {
    int warmups = benchCase.threads() == 1 ? 1 : WARMUPS_OF_THREADS;
    ChainedOptionsBuilder options = options(method, warmups).param("peer", benchCase.peer().toString())
        .param("shape", benchCase.shape().toString()).param("dtype", benchCase.form().toString())
        .param("threads", Integer.toString(benchCase.threads()));
    if (!method.startsWith(CallOverheadBench.class.getName()) && benchCase.op() != BenchOp.CONV) {
      options.param("op", benchCase.op().toString());
    }
    Files.deleteIfExists(notes);
    double micros = run(options);
    Notes left = Notes.read(notes);
    return Measurement.of(benchCase, micros, left.kernel(), left.bytesPerRun());
  }

  /** Measures a downcall that does nothing, as a limit of every call. */
  Measurement measureDowncall(String method, String name) throws RunnerException, IOException {
    double micros = run(options(method, 1));
    return new Measurement("limit", "call", name, "none", 1, micros, 1e-3 / micros, "", Double.NaN);
  }

  /** The benchmark that measures a case. */
  static String method(BenchOp op) {
    return switch (op) {
      case MATMUL, WEIGHT_ONLY, BATCH, BATCH_TURNED -> MatMulBench.class.getName() + ".product";
      case CONV -> Conv2dBench.class.getName() + ".convolution";
      default -> QuantizeBench.class.getName() + ".pass";
    };
  }

  private ChainedOptionsBuilder options(String method, int warmups) {
    List<String> flags = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED",
        "--add-modules=jdk.incubator.vector", "-Doctet.vector.eager=true", "-D" + Notes.FILE + "=" + notes));
    for (Map.Entry<Object, Object> property : System.getProperties().entrySet()) {
      if (property.getKey().toString().startsWith("octet.")) {
        flags.add("-D" + property.getKey() + "=" + property.getValue());
      }
    }
    return new OptionsBuilder().include("^" + method.replace(".", "\\.").replace("$", "\\$") + "$")
        .forks(effort.forks)
        .warmupIterations(effort.warmups * warmups).warmupTime(TimeValue.milliseconds(effort.warmupMillis))
        .measurementIterations(effort.iterations)
        .measurementTime(TimeValue.milliseconds(effort.iterationMillis))
        .jvmArgs(flags.toArray(String[]::new)).addProfiler(QuietForks.class).verbosity(VerboseMode.NORMAL)
        .output(log.toString()).shouldFailOnError(true);
  }

  private double run(ChainedOptionsBuilder options) throws RunnerException, IOException {
    try {
      return median(new Runner(options.build()).run());
    } catch (RunnerException e) {
      List<String> lines = Files.readAllLines(log);
      throw new RunnerException(e.getMessage() + ": " + String.join("\n",
          lines.subList(Math.max(0, lines.size() - TAIL), lines.size())), e);
    }
  }

  private static double median(Collection<RunResult> results) {
    double[] scores = results.stream().flatMap(result -> result.getBenchmarkResults().stream())
        .map(BenchmarkResult::getIterationResults).flatMap(Collection::stream)
        .mapToDouble(iteration -> iteration.getPrimaryResult().getScore()).sorted().toArray();
    if (scores.length == 0) {
      throw new IllegalStateException("JMH measured nothing");
    }
    return (scores[(scores.length - 1) / 2] + scores[scores.length / 2]) / 2;
  }
}
