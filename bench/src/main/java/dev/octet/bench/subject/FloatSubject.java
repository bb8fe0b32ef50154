package dev.octet.bench.subject;

import dev.octet.WeightLayout;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.ConvShape;
import dev.octet.bench.shape.MatMulShape;
import dev.octet.engine.Window;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Team;
import dev.octet.internal.parallel.Workers;
import dev.octet.onednn.FloatConv2d;
import dev.octet.onednn.FloatMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN in FP32, through the bindings of engine ONEDNN: what int8 has to beat. Weights packed, no epilogue.
 */
final class FloatSubject implements Subject {
  private final Arena arena;
  private final Workers workers;
  private final MemorySegment output;
  private final AutoCloseable product;
  private final String kernel;
  private final Runnable body;

  private FloatSubject(Arena arena, Workers workers, MemorySegment output, AutoCloseable product,
      String kernel,
      Runnable body) {
    this.arena = arena;
    this.workers = workers;
    this.output = output;
    this.product = product;
    this.kernel = kernel;
    this.body = body;
  }

  static FloatSubject open(BenchCase benchCase, Inputs.Weights range) {
    Inputs inputs = new Inputs(benchCase, range);
    Arena arena = Arena.ofConfined();
    Workers workers = benchCase.threads() == 1 ? new CallerOnly() : new Team(benchCase.threads());
    try {
      MemorySegment x = inputs.source(arena, 0);
      MemorySegment weights = inputs.weights(arena);
      MemorySegment y = inputs.destination(arena);
      return switch (benchCase.shape()) {
        case MatMulShape shape -> {
          FloatMatMul product = new FloatMatMul(workers, weights, WeightLayout.IN_OUT, shape.k(), shape.n(),
              null, shape.m());
          yield new FloatSubject(arena, workers, y, product, product.kernel(),
              () -> product.run(x, y, shape.m()));
        }
        case ConvShape shape -> {
          Window window = new Window(shape.kernel(), shape.kernel(), shape.stride(), shape.stride(),
              shape.dilation(),
              shape.dilation(), shape.padding(), shape.padding(), shape.padding(), shape.padding());
          FloatConv2d product = new FloatConv2d(workers, weights, WeightLayout.OHWI, shape.outChannels(),
              shape.channelsPerGroup(), shape.groups(), window, null, shape.height(), shape.width());
          yield new FloatSubject(arena, workers, y, product, product.kernel(),
              () -> product.run(x, y, shape.batch(), shape.height(), shape.width()));
        }
        default -> throw new UnsupportedOperationException("no " + benchCase.op() + " in FP32");
      };
    } catch (RuntimeException | Error e) {
      workers.close();
      arena.close();
      throw e;
    }
  }

  @Override
  public void run() {
    body.run();
  }

  @Override
  public String kernel() {
    return kernel;
  }

  @Override
  public MemorySegment output() {
    return output;
  }

  @Override
  public void close() {
    try {
      product.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      workers.close();
      arena.close();
    }
  }
}
