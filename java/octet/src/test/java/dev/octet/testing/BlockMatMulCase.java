package dev.octet.testing;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** Float rows, quantized on the fly, times weights in a block format. */
final class BlockMatMulCase implements OpCase {
  /** Elements of a row that have a scale of their own. */
  private static final int GROUP = 32;

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

  private BlockMatMulCase(Dice dice, BlockFormat format, int rows, int k, int n) {
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
  static BlockMatMulCase random(Dice dice, IntSupplier size) {
    BlockFormat format = dice.pick(BlockFormat.values());
    int rows = size.getAsInt();
    int blocks = Math.min(5, Math.ceilDiv(size.getAsInt(), format.elements()) + dice.between(0, 1));
    BlockMatMulCase c = new BlockMatMulCase(dice, format, rows, blocks * format.elements(), size.getAsInt());
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
    DynamicMatMul.Builder builder = subject.octet().dynamicMatMul()
        .weights(BlockTensor.of(format, Shape.of(n, k), weights)).clamp(min, max);
    if (bias != null) {
      builder.bias(bias);
    }
    try (DynamicMatMul op = subject.check(builder.prepare())) {
      op.run(xs, k + xGap, y.data(), n + yGap, rows);
    }
    return Map.of("y", y);
  }

  @Override
  public Map<String, Tensor> law() {
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

  @Override
  public String describe() {
    return format + ", " + rows + " x " + k + " x " + n + ", gaps x " + xGap + " y " + yGap + ", bias "
        + (bias == null ? "none" : "F32") + ", clamp " + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int column = (int) (index % (n + yGap));
    return "row " + index / (n + yGap) + (column < n ? ", column " + column : ", in the gap after it");
  }
}
