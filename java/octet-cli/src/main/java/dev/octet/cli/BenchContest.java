package dev.octet.cli;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Contest;
import dev.octet.harness.turns.Effort;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

/** A product by turns on several engines, which the harness of the benchmarks times. */
final class BenchContest implements AutoCloseable {
  /** U8 by S8 to U8, scales per channel. */
  private static final Form FORM = Form.parse("u8s8u8q");
  /** SCALAR, which is no engine to use, must not keep the others waiting. */
  private static final double SLOW_OPERATIONS = 4e6;

  /** The rank test tells runs of 9 rounds apart, of fewer it does not. */
  private static final int LEAST_ROUNDS = 11;

  private final Arena arena = Arena.ofShared();
  private final MatMulShape shape;
  private final int threads;
  private final MemorySegment x;
  private final MemorySegment y;
  private final float[] weights;
  private final Contest contest = new Contest();
  private int engines;

  BenchContest(MatMulShape shape, int threads) {
    this.shape = shape;
    this.threads = threads;
    Random random = new Random(1);
    this.weights = new float[Math.toIntExact(shape.weightElements())];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextFloat() - 0.5f;
    }
    contest.closeLater(arena::close);
    this.x = arena.allocate(shape.sourceElements(), 64);
    this.y = arena.allocate(shape.destinationElements(), 64);
    byte[] bytes = new byte[Math.toIntExact(shape.sourceElements())];
    random.nextBytes(bytes);
    x.copyFrom(MemorySegment.ofArray(bytes));
  }

  /** Adds an engine; one that does not take the product, or would take too long, takes no turns. */
  void add(Engine engine) {
    if (engine == Engine.SCALAR && shape.operations() > SLOW_OPERATIONS) {
      return;
    }
    Octet octet = Octet.builder().engine(engine).threads(threads).open();
    contest.closeLater(octet::close);
    try {
      MatMul op = octet.matMul().input(DataType.U8, Quantization.perTensor(0.02f, 128))
          .weights(
              Quantizer.symmetric(DataType.S8).perChannel(1).quantize(weights,
                  Shape.of(shape.k(), shape.n())),
              WeightLayout.IN_OUT)
          .bias(new float[shape.n()]).output(DataType.U8, Quantization.perTensor(0.1f, 128)).prepare();
      contest.add(new BenchCase(Peer.of(engine), BenchOp.MATMUL, shape, FORM, threads), op.kernel(),
          times -> {
            for (long i = 0; i < times; i++) {
              op.run(x, y, shape.m());
            }
          });
      engines++;
    } catch (UnsupportedOperationException lacking) {
      // the table has no row of it
    }
  }

  /**
   * Times the engines.
   *
   * @param seconds for each engine
   * @return the times of each, over the same rounds
   */
  List<RoundTimes> time(double seconds) {
    return contest.time(new Effort(seconds / 2, LEAST_ROUNDS, 101, seconds * engines));
  }

  @Override
  public void close() {
    contest.close();
  }
}
