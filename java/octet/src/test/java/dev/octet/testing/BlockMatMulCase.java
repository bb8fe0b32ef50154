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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * Float rows times weights in block formats: a dynamicMatMul of one matrix, or several that share the rows,
 * or a weightOnlyMatMul.
 */
final class BlockMatMulCase implements OpCase {
  /** Elements of a row that have a scale of their own. */
  private static final int GROUP = 32;

  /** A matrix of weights. */
  private record Part(BlockFormat format, int n, byte[] blocks) {}

  private final Arithmetic arithmetic;
  private final int rows;
  private final int k;
  /** Of all parts. */
  private final int n;
  private final List<Part> parts;
  /** Dense. */
  private final Tensor x;
  private int xGap;
  private int yGap;
  /** Or null. */
  private float[] bias;
  private float min = Float.NEGATIVE_INFINITY;
  private float max = Float.POSITIVE_INFINITY;

  private BlockMatMulCase(Dice dice, Arithmetic arithmetic, int rows, int k, List<Part> parts) {
    this.arithmetic = arithmetic;
    this.rows = rows;
    this.k = k;
    this.n = parts.stream().mapToInt(Part::n).sum();
    this.parts = parts;
    this.x = Tensor.zeros(DataType.F32, rows, k);
    Operands.fillRows(dice, x, rows, k);
  }

  private static Part part(Dice dice, BlockFormat format, int k, int n) {
    return new Part(format, n, Blocks.random(dice, format, n, k));
  }

  /**
   * With bias, clamp and gaps, each or not; K is rounded up to whole blocks, of which there are at most 5.
   */
  static BlockMatMulCase random(Dice dice, Arithmetic arithmetic, IntSupplier size) {
    BlockFormat format = dice.pick(BlockFormat.values());
    int rows = size.getAsInt();
    int blocks = Math.min(5, Math.ceilDiv(size.getAsInt(), format.elements()) + dice.between(0, 1));
    int k = blocks * format.elements();
    List<Part> parts = new ArrayList<>(List.of(part(dice, format, k, size.getAsInt())));
    for (int more = arithmetic == Arithmetic.DYNAMIC && dice.oneIn(3)
        ? dice.between(1, 3)
        : 0; more > 0; more--) {
      BlockFormat other = dice.pick(BlockFormat.values());
      parts.add(part(dice, k % other.elements() == 0 ? other : format, k, size.getAsInt()));
    }
    BlockMatMulCase c = new BlockMatMulCase(dice, arithmetic, rows, k, parts);
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
    BlockTensor[] weights = parts.stream()
        .map(part -> BlockTensor.of(part.format, Shape.of(part.n, k),
            memory.allocate(part.blocks.length).copyFrom(MemorySegment.ofArray(part.blocks))))
        .toArray(BlockTensor[]::new);
    MemorySegment xs = Operands.strided(memory, x, rows, k, xGap);
    Tensor y = Operands.result(memory, DataType.F32, rows, n, yGap);
    if (arithmetic == Arithmetic.DYNAMIC) {
      DynamicMatMul.Builder builder = subject.octet().dynamicMatMul().clamp(min, max);
      if (weights.length == 1) {
        builder.weights(weights[0]);
      } else {
        builder.weights(weights[0], weights[1], Arrays.copyOfRange(weights, 2, weights.length));
      }
      if (bias != null) {
        builder.bias(bias);
      }
      try (DynamicMatMul op = subject.check(builder.prepare())) {
        op.run(xs, k + xGap, y.data(), n + yGap, rows);
      }
    } else {
      WeightOnlyMatMul.Builder builder = subject.octet().weightOnlyMatMul().weights(weights[0]).clamp(min,
          max);
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
    Tensor y = Tensor.zeros(DataType.F32, rows, n);
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
      int first = 0;
      for (Part part : parts) {
        multiply(part, q, scales, y, (long) row * n + first, first);
        first += part.n;
      }
    }
    return Map.of("y", Operands.withGaps(y, rows, n, yGap));
  }

  private void multiply(Part part, int[] q, float[] scales, Tensor y, long to, int firstBias) {
    BlockTensor tensor = Blocks.tensor(part.format, part.n, k, part.blocks);
    int size = part.format.groupSize();
    byte[] integers = new byte[size];
    for (int column = 0; column < part.n; column++) {
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
        if (part.format.hasMinimum()) {
          f = Math.fma(tensor.minimum(column, group), scale * sum, f);
        }
      }
      f = bias == null ? f : f + bias[firstBias + column];
      y.set(to + column, Math.max(min, Math.min(max, f)));
    }
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
    Part part = parts.getFirst();
    BlockTensor tensor = Blocks.tensor(part.format, n, k, part.blocks);
    float[] weights = Blocks.dequantize(part.format, Arrays.copyOfRange(part.blocks,
        part.blocks.length / n * column, part.blocks.length / n * (column + 1)));
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < k; i++) {
      double value = x.real((long) row * k + i);
      double minimum = tensor.minimum(column, i / part.format.groupSize());
      sum += value * weights[i];
      magnitude += Math.abs(value) * (Math.abs(weights[i] - minimum) + Math.abs(minimum));
    }
    return new FloatSum(k, sum, magnitude).allows(actual.real(index), bias, column, min, max);
  }

  @Override
  public String describe() {
    String formats = parts.stream().map(part -> part.format + " " + part.n)
        .collect(Collectors.joining(" + "));
    return arithmetic + " " + formats + ", " + rows + " x " + k + " x " + n + ", gaps x " + xGap + " y "
        + yGap + ", bias "
        + (bias == null ? "none" : "F32") + ", clamp " + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int column = (int) (index % (n + yGap));
    return "row " + index / (n + yGap) + (column < n ? ", column " + column : ", in the gap after it");
  }
}
