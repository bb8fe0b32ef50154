package dev.octet.cli;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octet bench}: a short measurement of every engine, enough to see which one to use. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = {
    "Time int8 matrix products on every engine that is available.",
    "U8 by S8 to U8, weights per channel, with bias; the fastest of many runs. The full suites are in bench/."})
final class BenchCommand implements Callable<Integer> {
  private record Product(int m, int k, int n) {
    @Override
    public String toString() {
      return m + "x" + k + "x" + n;
    }
  }

  /** A row of the table. */
  private record Result(String shape, String engine, String kernel, int threads, double microseconds,
      double gops) {}

  /** One run of SCALAR, which is no engine to use, must not take the evening. */
  private static final long SLOW_PRODUCTS = 200_000_000L;

  @Spec
  private CommandSpec spec;
  @Option(names = "--shapes", split = ",", paramLabel = "MxKxN", defaultValue = "1x768x768,128x384x1536,128x768x3072", description = "rows, input and output features (default: ${DEFAULT-VALUE})")
  private List<String> shapes;
  @Option(names = "--threads", defaultValue = "1", description = "threads of a product (default: ${DEFAULT-VALUE})")
  private int threads;
  @Option(names = "--seconds", defaultValue = "0.5", description = "time for each engine and shape (default: ${DEFAULT-VALUE})")
  private double seconds;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (!(seconds >= 0 && seconds <= 86_400)) {
      throw UsageErrors.wrong(spec, "--seconds: expected 0 to 86400, got " + seconds);
    }
    UsageErrors.checkThreads(spec, threads);
    Screen screen = new Screen(spec, json);
    List<Product> products = shapes.stream().map(this::product).toList();
    List<EngineStatus> engines;
    try (Octet octet = Octet.open()) {
      engines = octet.engines();
    }
    List<List<String>> rows = new ArrayList<>();
    List<Result> results = new ArrayList<>();
    try (Screen.Bar bar = screen.bar("measuring")) {
      int done = 0;
      for (Product product : products) {
        for (EngineStatus engine : engines) {
          bar.at(engine.engine() + " " + product, done++ * 1_000_000L,
              (long) products.size() * engines.size() * 1_000_000L);
          if (engine.available()) {
            Result result = measure(product, engine.engine());
            if (result != null) {
              results.add(result);
              rows.add(List.of(result.shape + " " + result.engine,
                  String.format(Locale.ROOT, "%.1f", result.microseconds),
                  String.format(Locale.ROOT, "%.1f", result.gops), result.kernel));
            }
          }
        }
      }
    }
    screen.table(List.of("shape and engine", "us", "GOPS", "kernel"), rows);
    screen.json(results);
    return 0;
  }

  private Product product(String text) {
    String[] parts = text.strip().split("x", -1);
    try {
      Product product = new Product(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]),
          Integer.parseInt(parts[2]));
      if (parts.length == 3 && product.m > 0 && product.k > 0 && product.n > 0
          && (long) product.m * product.k < 1 << 30 && (long) product.k * product.n < 1 << 30
          && (long) product.m * product.n < 1 << 30) {
        return product;
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      // said below
    }
    throw UsageErrors.wrong(spec,
        "--shapes: expected MxKxN such as 128x768x3072, matrices of less than 2^30 elements, got " + text);
  }

  /** Null where the engine does not take the product, or would take too long. */
  private Result measure(Product p, Engine engine) {
    if (engine == Engine.SCALAR && (long) p.m * p.k * p.n > SLOW_PRODUCTS) {
      return null;
    }
    Random random = new Random(1);
    float[] weights = new float[p.k * p.n];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextFloat() - 0.5f;
    }
    try (Octet octet = Octet.builder().engine(engine).threads(threads).open();
        Arena arena = Arena.ofShared()) {
      MatMul op = octet.matMul().input(DataType.U8, Quantization.perTensor(0.02f, 128))
          .weights(Quantizer.symmetric(DataType.S8).perChannel(1).quantize(weights, Shape.of(p.k, p.n)),
              WeightLayout.IN_OUT)
          .bias(new float[p.n]).output(DataType.U8, Quantization.perTensor(0.1f, 128)).prepare();
      MemorySegment x = arena.allocate((long) p.m * p.k, 64);
      byte[] bytes = new byte[p.m * p.k];
      random.nextBytes(bytes);
      x.copyFrom(MemorySegment.ofArray(bytes));
      MemorySegment y = arena.allocate((long) p.m * p.n, 64);
      long best = Long.MAX_VALUE;
      long start = System.nanoTime();
      do {
        long before = System.nanoTime();
        op.run(x, y, p.m);
        best = Math.min(best, System.nanoTime() - before);
      } while (System.nanoTime() - start < seconds * 1e9);
      return new Result(p.toString(), engine.name(), op.kernel(), threads, best / 1e3,
          2.0 * p.m * p.k * p.n / best);
    } catch (UnsupportedOperationException lacking) {
      return null;
    }
  }
}
