package dev.octet.bench.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.octet.DataType;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The operands of a case, the same for every peer and in every run. Sources cover the whole range of their
 * type; activations and results have zero point 0, so that the clamp is that to the range of the type, a ReLU
 * where it is unsigned.
 */
final class Inputs {
  /** The range of 8-bit weights. */
  enum Weights {
    /** -127 to 127, as a quantizer makes them: what is timed. */
    FULL(127),
    /**
     * -64 to 63: sums of two products with u8 stay within 16 bits, so that kernels without VNNI are exact
     * too.
     */
    SEVEN_BITS(63);

    private final int max;

    Weights(int max) {
      this.max = max;
    }
  }

  /** Rows of a weight group stand below each other: {@code [K][N]}, or OHWI. */
  static final float SOURCE_SCALE = 0.02f;

  /**
   * Uniform sources and weights have standard deviations near 74 and 73; a source that is not signed has a
   * mean.
   */
  private static final float PRODUCT_DEVIATION = 10_800;

  /** Time that making operands took in this process: no part of a start. */
  private static final LongAdder NANOS = new LongAdder();

  private final BenchCase benchCase;
  private final Weights range;

  Inputs(BenchCase benchCase, Weights range) {
    this.benchCase = benchCase;
    this.range = range;
  }

  /** Nanoseconds that making operands took in this process. */
  static long nanos() {
    return NANOS.sum();
  }

  /**
   * A number of its own for each operand and element: the order in which they are asked for does not matter.
   */
  private SplittableRandom random(int operand) {
    return new SplittableRandom(0x0c7e7L + operand);
  }

  /**
   * An input: bytes over their whole range; floats in -1 to 1, where each row begins with -1 and 1, so that
   * parameters chosen for a row are those of the tensor; accumulators of some millions.
   */
  MemorySegment source(Arena arena, int operand) {
    long start = System.nanoTime();
    try {
      return newSource(arena, operand);
    } finally {
      NANOS.add(System.nanoTime() - start);
    }
  }

  private MemorySegment newSource(Arena arena, int operand) {
    DataType type = benchCase.form().source();
    long count = benchCase.shape().sourceElements();
    MemorySegment data = arena.allocate(type.bytes(count), 64);
    SplittableRandom random = random(operand);
    switch (type) {
      case U8, S8 -> random(random, data);
      case S32 -> {
        for (long i = 0; i < count; i++) {
          data.set(JAVA_INT_UNALIGNED, 4 * i, random.nextInt(-2_000_000, 2_000_000));
        }
      }
      case F32 -> {
        long row = switch (benchCase.shape()) {
          case MatMulShape shape -> shape.k();
          case BatchShape shape -> shape.k();
          case RowsShape shape -> shape.columns();
          case ConvShape shape -> shape.channels();
          case PoolShape shape -> shape.channels();
        };
        for (long i = 0; i < count; i++) {
          float value = i % row == 0 ? -1 : i % row == 1 ? 1 : real(random);
          data.set(JAVA_FLOAT_UNALIGNED, 4 * i, value);
        }
      }
      case U4, S4 -> throw new IllegalArgumentException("a source of " + type);
    }
    return data;
  }

  private static void random(SplittableRandom random, MemorySegment data) {
    for (long i = 0; i < data.byteSize(); i++) {
      data.set(JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  private static float real(SplittableRandom random) {
    return (float) random.nextDouble(-1, 1);
  }

  /** The weights, {@code [K][N]} or OHWI: S8, S4 two to a byte, or F32. */
  MemorySegment weights(Arena arena) {
    long start = System.nanoTime();
    try {
      return newWeights(arena);
    } finally {
      NANOS.add(System.nanoTime() - start);
    }
  }

  private MemorySegment newWeights(Arena arena) {
    DataType type = benchCase.form().weights();
    long count = benchCase.shape().weightElements();
    MemorySegment data = arena.allocate(type.bytes(count), 64);
    SplittableRandom random = random(2);
    switch (type) {
      case S8 -> {
        for (long i = 0; i < count; i++) {
          data.set(JAVA_BYTE, i,
              (byte) random.nextInt(-range.max - (range == Weights.FULL ? 0 : 1), range.max + 1));
        }
      }
      case S4 -> random(random, data);
      case F32 -> {
        for (long i = 0; i < count; i++) {
          data.set(JAVA_FLOAT_UNALIGNED, 4 * i, real(random));
        }
      }
      case U8, U4, S32 -> throw new IllegalArgumentException("weights of " + type);
    }
    return data;
  }

  /** Output channels of a product, columns of all right operands, columns of an element-wise op. */
  int channels() {
    return switch (benchCase.shape()) {
      case MatMulShape shape -> shape.n();
      case BatchShape shape -> shape.batch() * shape.n();
      case ConvShape shape -> shape.outChannels();
      case PoolShape shape -> shape.channels();
      case RowsShape shape -> shape.columns();
    };
  }

  /**
   * A scale for each output channel; per group: for each group of each output channel, {@code [groups][N]}.
   */
  float[] weightScales() {
    int group = benchCase.form().groupSize();
    int groups = group == 0 ? 1 : Math.ceilDiv(((MatMulShape) benchCase.shape()).k(), group);
    float[] scales = new float[groups * channels()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = 0.001f * (1 + i % 7 / 8f);
    }
    return scales;
  }

  /** An integer for each output channel. */
  int[] bias() {
    SplittableRandom random = random(3);
    int[] bias = new int[channels()];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = random.nextInt(-1024, 1024);
    }
    return bias;
  }

  /** Spreads the results of a product over the range of 8 bits. */
  float productScale() {
    int products = switch (benchCase.shape()) {
      case MatMulShape shape -> shape.k();
      case BatchShape shape -> shape.k();
      case ConvShape shape -> shape.products();
      case PoolShape shape -> throw new IllegalArgumentException("no product: " + shape);
      case RowsShape shape -> throw new IllegalArgumentException("no product: " + shape);
    };
    return (float) (SOURCE_SCALE * 0.001 * PRODUCT_DEVIATION * Math.sqrt(products) / 64);
  }

  /** The output, not yet written. */
  MemorySegment destination(Arena arena) {
    return arena.allocate(benchCase.form().destination().bytes(benchCase.shape().destinationElements()), 64);
  }
}
