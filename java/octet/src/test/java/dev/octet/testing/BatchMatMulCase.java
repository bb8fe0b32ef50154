package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.BatchOperand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;

/** Products of two run-time operands, anywhere in their segments. */
final class BatchMatMulCase implements OpCase {
  /** What is fixed before sizes and data. */
  record Kind(DataType left, DataType right, DataType output, boolean leftAtRun, boolean rightAtRun,
      boolean transposed) {
    Set<Feature> needs() {
      Set<Feature> needs = EnumSet.of(Feature.valueOf("BATCH_" + left + "_" + right));
      if (leftAtRun) {
        needs.add(Feature.BATCH_LEFT_AT_RUN);
      }
      if (rightAtRun) {
        needs.add(Feature.BATCH_RIGHT_AT_RUN);
      }
      if (transposed) {
        needs.add(Feature.BATCH_TRANSPOSED);
      }
      return needs;
    }

    static Kind random(Dice dice, EngineProfile profile, DataType... outputs) {
      return dice.until(kind -> profile.offers(kind.needs()),
          () -> new Kind(dice.pick(U8, S8), dice.pick(U8, S8),
              dice.pick(outputs), dice.oneIn(2), dice.oneIn(2), dice.oneIn(2)));
    }

    Kind perTensor() {
      return new Kind(left, right, output, false, false, transposed);
    }
  }

  /** One side: dense elements and their parameters. */
  static final class Side {
    /** How often it is stored: batch times, or once for all. */
    final int count;
    final Tensor data;
    /** One, or one for each row or column of each stored operand. */
    final float[] scales;
    final int[] zeroPoints;
    /** Elements between stored rows that belong to nobody. */
    int gap;
    /** Elements between stored operands that belong to nobody. */
    int batchGap;

    Side(DataType type, int count, int rows, int columns, int parameters) {
      this.count = count;
      this.data = Tensor.zeros(type, count, rows, columns);
      this.scales = new float[parameters];
      Arrays.fill(scales, 1);
      this.zeroPoints = new int[parameters];
    }

    private void random(Dice dice, boolean zeroPointsOfRun) {
      dice.fill(data);
      for (int i = 0; i < scales.length; i++) {
        scales[i] = dice.scale();
        zeroPoints[i] = zeroPointsOfRun ? dice.zeroPoint(data.type()) : 0;
      }
    }

    private void randomGaps(Dice dice) {
      gap = dice.oneIn(2) ? 0 : dice.between(1, 70);
      batchGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    }

    private long row() {
      return data.shape().dim(2) + gap;
    }

    /** From one stored operand to the next; 0 where it is repeated. */
    private long batch() {
      return count == 1 ? 0 : data.shape().dim(1) * row() + batchGap;
    }

    private MemorySegment place(SegmentAllocator memory) {
      return Operands.batched(memory, data, gap, batchGap).data();
    }
  }

  final Kind kind;
  final int batch;
  final int m;
  final int k;
  final int n;
  final Side left;
  final Side right;
  /** Whether zero points come with the run; without, those of the run are 0. */
  final boolean zeroPointsOfRun;
  /** The results' gaps. */
  int gap;
  int batchGap;
  float outputScale = 1;
  int outputZeroPoint;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  BatchMatMulCase(Kind kind, int batch, int m, int k, int n, boolean repeatLeft, boolean repeatRight,
      boolean zeroPointsOfRun) {
    this.kind = kind;
    this.batch = batch;
    this.m = m;
    this.k = k;
    this.n = n;
    this.zeroPointsOfRun = zeroPointsOfRun;
    int lefts = repeatLeft ? 1 : batch;
    int rights = repeatRight ? 1 : batch;
    this.left = new Side(kind.left(), lefts, m, k, kind.leftAtRun() ? lefts * m : 1);
    this.right = new Side(kind.right(), rights, kind.transposed() ? n : k, kind.transposed() ? k : n,
        kind.rightAtRun() ? rights * n : 1);
  }

  /** Random data, scales and zero points; no clamp, no gaps. */
  static BatchMatMulCase random(Dice dice, Kind kind, int batch, int m, int k, int n) {
    BatchMatMulCase c = new BatchMatMulCase(kind, batch, m, k, n, dice.oneIn(4), dice.oneIn(4),
        dice.oneIn(2));
    c.left.random(dice, !kind.leftAtRun() || c.zeroPointsOfRun);
    c.right.random(dice, !kind.rightAtRun() || c.zeroPointsOfRun);
    if (kind.output().isByte()) {
      float largest = 1e-6f;
      for (int i = 0; i < 16; i++) {
        int b = dice.between(0, batch - 1);
        int row = dice.between(0, m - 1);
        int column = dice.between(0, n - 1);
        largest = Math.max(largest,
            Math.abs(c.accumulator(b, row, column) * (c.leftScale(b, row) * c.rightScale(b, column))));
      }
      c.outputScale = dice.outputScale(largest / dice.pick(60f, 130f, 400f),
          c.left.scales[0] * c.right.scales[0]);
      c.outputZeroPoint = dice.zeroPoint(kind.output());
    }
    return c;
  }

  /** With clamp and gaps, each or not. */
  static BatchMatMulCase random(Dice dice, Kind kind, IntSupplier size) {
    BatchMatMulCase c = random(dice, kind, dice.between(1, 4), size.getAsInt(), size.getAsInt(),
        size.getAsInt());
    if (kind.output() != S32 && dice.oneIn(2)) {
      float step = kind.output() == F32 ? 1 : c.outputScale;
      c.min = dice.between(-150, 0) * step;
      c.max = c.min + dice.between(0, 200) * step;
    }
    return c.randomGaps(dice);
  }

  /** Gaps between rows and between operands, or none anywhere. */
  BatchMatMulCase randomGaps(Dice dice) {
    if (dice.oneIn(2)) {
      left.randomGaps(dice);
      right.randomGaps(dice);
      gap = dice.oneIn(2) ? 0 : dice.between(1, 70);
      batchGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    }
    return this;
  }

  private float leftScale(int b, int row) {
    return left.scales[kind.leftAtRun() ? (left.count == 1 ? 0 : b * m) + row : 0];
  }

  private float rightScale(int b, int column) {
    return right.scales[kind.rightAtRun() ? (right.count == 1 ? 0 : b * n) + column : 0];
  }

  private int leftZeroPoint(int b, int row) {
    return left.zeroPoints[kind.leftAtRun() ? (left.count == 1 ? 0 : b * m) + row : 0];
  }

  private int rightZeroPoint(int b, int column) {
    return right.zeroPoints[kind.rightAtRun() ? (right.count == 1 ? 0 : b * n) + column : 0];
  }

  private int accumulator(int b, int row, int column) {
    long l = left.count == 1 ? 0 : (long) b * m * k;
    long r = right.count == 1 ? 0 : (long) b * k * n;
    int sum = 0;
    for (int i = 0; i < k; i++) {
      long at = kind.transposed() ? (long) column * k + i : (long) i * n + column;
      sum += (left.data.get(l + (long) row * k + i) - leftZeroPoint(b, row))
          * (right.data.get(r + at) - rightZeroPoint(b, column));
    }
    return sum;
  }

  /** The right operands as {@code [K][N]}. */
  Tensor rightUntransposed() {
    if (!kind.transposed()) {
      return right.data;
    }
    Tensor result = Tensor.zeros(kind.right(), right.count, k, n);
    for (int b = 0; b < right.count; b++) {
      Tensor one = new Tensor(kind.right(), Shape.of(n, k),
          right.data.data().asSlice((long) b * k * n, (long) k * n));
      MemorySegment.copy(Operands.transpose(one).data(), 0, result.data(), (long) b * k * n, (long) k * n);
    }
    return result;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (BatchMatMul op = subject.check(prepare(subject))) {
      BatchOperand l = operand(memory, left, kind.leftAtRun());
      BatchOperand r = operand(memory, right, kind.rightAtRun());
      Tensor y = withGaps(memory, null);
      boolean dense = left.gap + left.batchGap + right.gap + right.batchGap + gap + batchGap == 0
          && left.count == batch && right.count == batch;
      if (dense && l.scales() == null && l.zeroPoints() == null && r.scales() == null
          && r.zeroPoints() == null) {
        op.run(l.data(), r.data(), y.data(), batch, m, k, n);
      } else {
        BatchArguments arguments = new BatchArguments().sizes(batch, m, k, n)
            .left(l.data(), l.scales(), l.zeroPoints()).right(r.data(), r.scales(), r.zeroPoints())
            .out(y.data());
        if (!dense) {
          arguments.leftStrides(left.batch(), left.row()).rightStrides(right.batch(), right.row())
              .outStrides((long) m * (n + gap) + batchGap, n + gap);
        }
        op.run(arguments);
      }
      return Map.of("y", y);
    }
  }

  private BatchOperand operand(SegmentAllocator memory, Side side, boolean atRun) {
    MemorySegment data = side.place(memory);
    if (!atRun) {
      return BatchOperand.of(data);
    }
    MemorySegment scales = kind.output() == S32 ? null : Operands.floats(memory, side.scales);
    return BatchOperand.of(data, scales, zeroPointsOfRun ? Operands.ints(memory, side.zeroPoints) : null);
  }

  /** Prepares the op. */
  BatchMatMul prepare(Subject subject) {
    BatchMatMul.Builder builder = subject.octet().batchMatMul();
    if (kind.leftAtRun()) {
      builder.left(kind.left());
    } else {
      builder.left(kind.left(), Quantization.perTensor(left.scales[0], left.zeroPoints[0]));
    }
    if (kind.rightAtRun()) {
      builder.right(kind.right());
    } else {
      builder.right(kind.right(), Quantization.perTensor(right.scales[0], right.zeroPoints[0]));
    }
    if (kind.transposed()) {
      builder.rightTransposed();
    }
    switch (kind.output()) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(kind.output(), Quantization.perTensor(outputScale, outputZeroPoint));
    }
    if (min != Float.NEGATIVE_INFINITY) {
      builder.clamp(min, max);
    }
    return builder.prepare();
  }

  @Override
  public Map<String, Tensor> law() {
    Law.Output output = new Law.Output(kind.output(), outputScale, outputZeroPoint, min, max);
    Tensor y = Tensor.zeros(kind.output(), batch, m, n);
    for (int i = 0; i < y.elements(); i++) {
      int b = i / n / m;
      int row = i / n % m;
      output.store(y, i, accumulator(b, row, i % n), leftScale(b, row), kind.leftAtRun(),
          rightScale(b, i % n), 0,
          null);
    }
    return Map.of("y", withGaps(Arena.ofAuto(), y));
  }

  /** A dense result as it lies in memory, gaps untouched; null: nothing written yet. */
  Tensor withGaps(SegmentAllocator memory, Tensor dense) {
    Tensor placed = Operands.batched(memory,
        dense == null ? Tensor.zeros(kind.output(), batch, m, n) : dense.reshape(batch, m, n), gap, batchGap);
    if (dense == null) {
      placed.data().fill(Operands.GAP);
    }
    return placed;
  }

  @Override
  public String describe() {
    return "batchMatMul " + kind + ", " + batch + " of " + m + " x " + k + " x " + n + ", stored "
        + left.count
        + " and " + right.count + ", row gaps " + left.gap + " " + right.gap + " " + gap + ", batch gaps "
        + left.batchGap + " " + right.batchGap + " " + batchGap + ", zero points of the run "
        + zeroPointsOfRun
        + ", output scale " + outputScale + " zero point " + outputZeroPoint + ", clamp " + min + " to "
        + max;
  }

  @Override
  public String explain(String result, long index) {
    long stride = (long) m * (n + gap) + batchGap;
    int b = (int) (index / stride);
    int row = (int) (index % stride / (n + gap));
    int column = (int) (index % stride % (n + gap));
    if (row >= m || column >= n) {
      return "product " + b + ", row " + row + ": in a gap, which nobody may write";
    }
    return "product " + b + ", row " + row + ", column " + column + ": accumulator "
        + accumulator(b, row, column)
        + ", left scale " + leftScale(b, row) + " zero point " + leftZeroPoint(b, row) + ", right scale "
        + rightScale(b, column) + " zero point " + rightZeroPoint(b, column);
  }
}
