package dev.octet.testing;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.WeightOnlyMatMul;
import dev.octet.testing.FloatMatMulCase.Arithmetic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntSupplier;

/** Float rows times weights in a block format: a dynamicMatMul or a weightOnlyMatMul. */
final class BlockMatMulCase implements OpCase {
  /** Elements of a row that have a scale of their own. */
  private static final int GROUP = 32;

  private final Arithmetic arithmetic;
  private final BlockFormat format;
  private final int rows;
  private final int k;
  private final int n;
  /** Dense. */
  private final Tensor x;
  private final byte[] blocks;
  private int xGap;
  private int yGap;
  /** Or null. */
  private float[] bias;
  private float min = Float.NEGATIVE_INFINITY;
  private float max = Float.POSITIVE_INFINITY;

  private BlockMatMulCase(Dice dice, Arithmetic arithmetic, BlockFormat format, int rows, int k, int n) {
    this.arithmetic = arithmetic;
    this.format = format;
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.x = Tensor.zeros(DataType.F32, rows, k);
    Operands.fillRows(dice, x, rows, k);
    this.blocks = Blocks.random(dice, format, n, k);
  }

  /**
   * With bias, clamp and gaps, each or not; K is rounded up to whole blocks, of which there are at most 5.
   */
  static BlockMatMulCase random(Dice dice, Arithmetic arithmetic, IntSupplier size) {
    BlockFormat format = dice.pick(BlockFormat.values());
    int rows = size.getAsInt();
    int blocks = Math.min(5, Math.ceilDiv(size.getAsInt(), format.elements()) + dice.between(0, 1));
    BlockMatMulCase c = new BlockMatMulCase(dice, arithmetic, format, rows, blocks * format.elements(),
        size.getAsInt());
    if (dice.oneIn(2)) {
      c.bias = dice.reals(c.n);
    }
    if (dice.oneIn(3)) {
      c.min = dice.oneIn(2) ? 0 : Float.NEGATIVE_INFINITY;
      c.max = dice.oneIn(2) ? dice.between(0f, 10f) : Float.POSITIVE_INFINITY;
    }
    c.xGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    c.yGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    return c;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    MemorySegment weights = memory.allocate(blocks.length).copyFrom(MemorySegment.ofArray(blocks));
    MemorySegment xs = Operands.strided(memory, x, rows, k, xGap);
    Tensor y = Operands.result(memory, DataType.F32, rows, n, yGap);
    BlockTensor tensor = BlockTensor.of(format, Shape.of(n, k), weights);
    if (arithmetic == Arithmetic.DYNAMIC) {
      DynamicMatMul.Builder builder = subject.octet().dynamicMatMul().weights(tensor).clamp(min, max);
      if (bias != null) {
        builder.bias(bias);
      }
      try (DynamicMatMul op = subject.check(builder.prepare())) {
        op.run(xs, k + xGap, y.data(), n + yGap, rows);
      }
    } else {
      WeightOnlyMatMul.Builder builder = subject.octet().weightOnlyMatMul().weights(tensor).clamp(min, max);
      if (bias != null) {
        builder.bias(bias);
      }
      try (WeightOnlyMatMul op = subject.check(builder.prepare())) {
        op.run(xs, k + xGap, y.data(), n + yGap, rows);
      }
    }
    return Map.of("y", y);
  }

  /** Float arithmetic has no exact law. */
  @Override
  public Map<String, Tensor> law() {
    if (arithmetic == Arithmetic.WEIGHT_ONLY) {
      return Map.of();
    }
    BlockTensor tensor = Blocks.tensor(format, n, k, blocks);
    Tensor y = Tensor.zeros(DataType.F32, rows, n);
    int size = format.groupSize();
    byte[] integers = new byte[size];
    int[] q = new int[k];
    float[] scales = new float[k / GROUP];
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < scales.length; group++) {
        float largest = 0;
        for (int i = group * GROUP; i < (group + 1) * GROUP; i++) {
          largest = Math.max(largest, Math.abs(x.real((long) row * k + i)));
        }
        scales[group] = largest / 127 == 0 ? 1 : largest / 127;
        for (int i = group * GROUP; i < (group + 1) * GROUP; i++) {
          float steps = (float) Math.rint(x.real((long) row * k + i) / scales[group]);
          q[i] = (int) Math.max(-127, Math.min(127, steps));
        }
      }
      for (int column = 0; column < n; column++) {
        float f = 0;
        for (int group = 0; group < tensor.groups(); group++) {
          tensor.integers(column, group, integers, 0);
          int products = 0;
          int sum = 0;
          for (int i = 0; i < size; i++) {
            products += q[group * size + i] * integers[i];
            sum += q[group * size + i];
          }
          float scale = scales[group * size / GROUP];
          f = Math.fma((float) products, scale * tensor.scale(column, group), f);
          if (format.hasMinimum()) {
            f = Math.fma(tensor.minimum(column, group), scale * sum, f);
          }
        }
        f = bias == null ? f : f + bias[column];
        y.set((long) row * n + column, Math.max(min, Math.min(max, f)));
      }
    }
    return Map.of("y", Operands.withGaps(y, rows, n, yGap));
  }

  /**
   * Bit by bit for dynamic arithmetic. For float arithmetic within
   * {@code K * 2^-23 * sum(|x| * (|scale * q| + |minimum|))} of the exact sum, whatever another engine found,
   * and half a unit in the last place for adding the bias.
   */
  @Override
  public boolean agrees(String result, long index, Tensor expected, Tensor actual) {
    int row = (int) (index / (n + yGap));
    int column = (int) (index % (n + yGap));
    if (arithmetic == Arithmetic.DYNAMIC || column >= n) {
      return expected.same(index, actual);
    }
    BlockTensor tensor = Blocks.tensor(format, n, k, blocks);
    float[] weights = Blocks.dequantize(format, Arrays.copyOfRange(blocks, blocks.length / n * column,
        blocks.length / n * (column + 1)));
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < k; i++) {
      double value = x.real((long) row * k + i);
      double minimum = tensor.minimum(column, i / format.groupSize());
      sum += value * weights[i];
      magnitude += Math.abs(value) * (Math.abs(weights[i] - minimum) + Math.abs(minimum));
    }
    double bound = k * 0x1p-23 * magnitude;
    if (bias != null) {
      sum += bias[column];
      bound += (Math.abs(sum) + bound) * 0x1p-24;
    }
    double difference = Math.abs(actual.real(index) - Math.min(Math.max(sum, min), max));
    // Denormals have no relative precision: each operation may lose half of the smallest one.
    return difference <= bound + k * (double) Float.MIN_VALUE;
  }

  @Override
  public String describe() {
    return arithmetic + " " + format + ", " + rows + " x " + k + " x " + n + ", gaps x " + xGap + " y " + yGap
        + ", bias "
        + (bias == null ? "none" : "F32") + ", clamp " + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int column = (int) (index % (n + yGap));
    return "row " + index / (n + yGap) + (column < n ? ", column " + column : ", in the gap after it");
  }
}
