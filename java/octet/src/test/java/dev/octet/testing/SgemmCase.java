package dev.octet.testing;

import static dev.octet.DataType.F32;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchArguments;
import dev.octet.op.Sgemm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** Products of floats, anywhere in their segments; the right operand fixed or of the run. */
final class SgemmCase implements OpCase {
  final int batch;
  final int m;
  final int k;
  final int n;
  /** {@code [1 or batch][m][k]}. */
  final Tensor left;
  /** {@code [1 or batch][k][n]}, also where it is stored the other way round. */
  final Tensor right;
  private final boolean fixed;
  private final boolean transposed;
  /** Null where there is none. */
  private final float[] bias;
  /** Null where there is none. */
  private final float[] rowBias;
  /** What the result holds before, dense; null where nobody looks. */
  private final Tensor before;
  private final int[] gaps;
  private final int[] batchGaps;

  private SgemmCase(Dice dice, IntSupplier size, boolean special) {
    this.fixed = dice.oneIn(2);
    this.transposed = dice.oneIn(2);
    this.batch = dice.oneIn(2) ? 1 : dice.between(1, 4);
    this.m = size.getAsInt();
    this.k = size.getAsInt();
    this.n = size.getAsInt();
    this.left = reals(dice, special, dice.oneIn(4) ? 1 : batch, m, k);
    this.right = reals(dice, special, fixed || dice.oneIn(4) ? 1 : batch, k, n);
    boolean accumulates = dice.oneIn(3);
    this.before = accumulates ? reals(dice, false, batch, m, n) : null;
    this.bias = fixed && !accumulates && dice.oneIn(2) ? dice.reals(n) : null;
    this.rowBias = bias == null && !accumulates && dice.oneIn(2) ? dice.reals(m) : null;
    this.gaps = gaps(dice);
    this.batchGaps = gaps(dice);
  }

  static SgemmCase random(Dice dice, IntSupplier size, boolean special) {
    return new SgemmCase(dice, size, special);
  }

  private static int[] gaps(Dice dice) {
    int[] gaps = new int[3];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = dice.oneIn(2) ? 0 : dice.between(1, 20);
    }
    return gaps;
  }

  private static Tensor reals(Dice dice, boolean special, long... dims) {
    Tensor tensor = Tensor.zeros(F32, dims);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, special && dice.oneIn(40) ? dice.special() : dice.between(-2f, 2f));
    }
    return tensor;
  }

  private Tensor transposedRight() {
    Tensor result = Tensor.zeros(F32, right.shape().dim(0), n, k);
    for (long i = 0; i < right.elements(); i++) {
      long matrix = i / ((long) k * n);
      result.set(matrix * k * n + i % n * k + i / n % k, right.real(i));
    }
    return result;
  }

  Sgemm prepare(Octet octet, SegmentAllocator memory) {
    Sgemm.Builder builder = octet.sgemm();
    if (fixed) {
      Tensor stored = (transposed ? transposedRight() : right).copyTo(memory);
      builder.weights(stored.data(), k, n, transposed ? WeightLayout.OUT_IN : WeightLayout.IN_OUT);
    } else if (transposed) {
      builder.rightTransposed();
    }
    if (bias != null) {
      builder.bias(bias);
    }
    if (rowBias != null) {
      builder.rowBias(rowBias);
    }
    return (before == null ? builder : builder.accumulate()).prepare();
  }

  /** From one matrix to the next; 0 where there is one for all. */
  private long step(Tensor operand, int gap, int batchGap) {
    return operand.shape().dim(0) == 1
        ? 0
        : operand.shape().dim(1) * (operand.shape().dim(2) + gap) + batchGap;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    long outRow = (long) n + gaps[2];
    long outBatch = m * outRow + batchGaps[2];
    Tensor out = Operands.batched(memory, before == null ? Tensor.zeros(F32, batch, m, n) : before, gaps[2],
        batchGaps[2]);
    MemorySegment result = before == null
        ? Operands.memory(memory, out.data().byteSize())
        : gapsAround(out, outRow, outBatch);
    BatchArguments arguments = new BatchArguments().sizes(batch, m, k, n)
        .left(Operands.batched(memory, left, gaps[0], batchGaps[0]).data())
        .leftStrides(step(left, gaps[0], batchGaps[0]), (long) k + gaps[0]).out(result)
        .outStrides(outBatch, outRow);
    if (!fixed) {
      Tensor stored = transposed ? transposedRight() : right;
      arguments.right(Operands.batched(memory, stored, gaps[1], batchGaps[1]).data())
          .rightStrides(step(stored, gaps[1], batchGaps[1]), (long) (transposed ? k : n) + gaps[1]);
    }
    try (Sgemm op = subject.check(prepare(subject.octet(), memory))) {
      op.run(arguments);
    }
    return Map.of("y", new Tensor(F32, Shape.of(result.byteSize() / 4), result));
  }

  /** The same memory with gaps as those that nobody may write have them. */
  private MemorySegment gapsAround(Tensor out, long row, long matrix) {
    for (long i = 0; i < out.elements(); i++) {
      long inMatrix = i % matrix;
      if (inMatrix >= m * row || inMatrix % row >= n) {
        out.data().asSlice(4 * i, 4).fill(Operands.GAP);
      }
    }
    return out.data();
  }

  /** One sum, from one number on. */
  private float sum(int b, int row, int column) {
    float sum = before != null
        ? before.real(((long) b * m + row) * n + column)
        : rowBias != null ? rowBias[row] : bias == null ? 0 : bias[column];
    long l = left.shape().dim(0) == 1 ? 0 : (long) b * m * k;
    long r = right.shape().dim(0) == 1 ? 0 : (long) b * k * n;
    for (int i = 0; i < k; i++) {
      sum = Math.fma(left.real(l + (long) row * k + i), right.real(r + (long) i * n + column), sum);
    }
    return sum;
  }

  /** Whether there is neither bias nor accumulation. */
  boolean startsAtZero() {
    return bias == null && rowBias == null && before == null;
  }

  /** The sum of the magnitudes of what an element of the dense result adds up. */
  double magnitudes(long index) {
    int b = (int) (index / n / m);
    long l = left.shape().dim(0) == 1 ? 0 : (long) b * m * k;
    long r = right.shape().dim(0) == 1 ? 0 : (long) b * k * n;
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += Math
          .abs((double) left.real(l + index / n % m * k + i) * right.real(r + (long) i * n + index % n));
    }
    return sum;
  }

  /** A result without its gaps. */
  Tensor dense(Tensor placed) {
    Tensor y = Tensor.zeros(F32, batch, m, n);
    for (long i = 0; i < y.elements(); i++) {
      long row = i / n % m;
      y.set(i,
          placed.real(i / n / m * (m * ((long) n + gaps[2]) + batchGaps[2]) + row * (n + gaps[2]) + i % n));
    }
    return y;
  }

  @Override
  public Map<String, Tensor> law() {
    Tensor y = Tensor.zeros(F32, batch, m, n);
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, sum((int) (i / n / m), (int) (i / n % m), (int) (i % n)));
    }
    return Map.of("y", Operands.batched(Arena.ofAuto(), y, gaps[2], batchGaps[2]));
  }

  /** Which NaN it is, the law leaves open. */
  @Override
  public boolean agrees(String result, long index, Tensor expected, Tensor actual) {
    return expected.same(index, actual)
        || (Float.isNaN(expected.real(index)) && Float.isNaN(actual.real(index)));
  }

  @Override
  public String describe() {
    return "sgemm " + batch + " of " + m + " x " + k + " x " + n + ", left " + left + ", "
        + (fixed ? "fixed " : "") + "right " + right + (transposed ? " stored transposed" : "")
        + (bias == null ? "" : ", bias") + (rowBias == null ? "" : ", bias of rows")
        + (before == null ? "" : ", accumulates");
  }

  @Override
  public String explain(String result, long index) {
    return "element " + index;
  }
}
