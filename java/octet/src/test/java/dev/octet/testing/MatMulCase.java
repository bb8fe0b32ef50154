package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** A matMul: types, sizes, scales, zero points, bias, clamp, strides and data. */
final class MatMulCase implements OpCase {
  /** How the input's scale comes. */
  enum Input {
    /** One scale and zero point, known when preparing. */
    PER_TENSOR,
    /** A scale and a zero point for each row, at run time. */
    PER_ROW,
    /** A scale for each row, at run time; zero points all 0. */
    PER_ROW_SYMMETRIC
  }

  /** How many zero points the weights have. */
  enum WeightZeroPoints {
    /** None. */
    NONE,
    /** One. */
    PER_TENSOR,
    /** One for each column, and then scales too. */
    PER_COLUMN
  }

  /** What is fixed before sizes and data; all of it decides what an engine must offer. */
  record Kind(DataType input, DataType weights, DataType output, Input scale, WeightZeroPoints zeroPoints) {
    Set<Feature> needs() {
      Set<Feature> needs = EnumSet.of(Feature.valueOf("MATMUL_" + input + "_" + weights));
      switch (zeroPoints) {
        case NONE -> {
        }
        case PER_TENSOR -> needs.add(Feature.MATMUL_WEIGHT_ZERO_POINT);
        case PER_COLUMN -> needs.add(Feature.MATMUL_WEIGHT_ZERO_POINTS);
      }
      if (scale != Input.PER_TENSOR) {
        needs.add(Feature.valueOf("MATMUL_PER_ROW_" + (output.isByte() ? "8BIT" : output)));
      }
      return needs;
    }

    static Kind random(Dice dice, EngineProfile profile, DataType... outputs) {
      return dice.until(kind -> profile.offers(kind.needs()),
          () -> new Kind(dice.pick(U8, S8), dice.pick(U8, S8),
              dice.pick(outputs), dice.pick(Input.values()), dice.pick(WeightZeroPoints.values())));
    }

    Kind perTensor() {
      return new Kind(input, weights, output, Input.PER_TENSOR, zeroPoints);
    }
  }

  final Kind kind;
  final int rows;
  final int k;
  final int n;
  /** Dense. */
  final Tensor x;
  /** {@code [K][N]}. */
  final Tensor w;
  WeightLayout layout = WeightLayout.IN_OUT;
  /** Elements between the rows of x that belong to nobody. */
  int xGap;
  /** Elements between the rows of y that belong to nobody. */
  int yGap;
  /** One, or one a row. */
  final float[] inputScales;
  /** One, or one a row. */
  final int[] inputZeroPoints;
  /** One, or one a column. */
  float[] weightScales;
  /** One, or one a column. */
  int[] weightZeroPoints;
  float outputScale = 1;
  int outputZeroPoint;
  /** Or null. */
  int[] bias;
  /** Or null; with F32 output, or with 8-bit and S32 output where the input scale is fixed. */
  float[] floatBias;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  /** With scales 1, zero points 0, and data to be filled. */
  MatMulCase(Kind kind, int rows, int k, int n) {
    this.kind = kind;
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.x = Tensor.zeros(kind.input(), rows, k);
    this.w = Tensor.zeros(kind.weights(), k, n);
    int inputs = kind.scale() == Input.PER_TENSOR ? 1 : rows;
    this.inputScales = new float[inputs];
    Arrays.fill(inputScales, 1);
    this.inputZeroPoints = new int[inputs];
    this.weightScales = new float[]{1};
    this.weightZeroPoints = new int[1];
  }

  /** Random data, scales and zero points; no bias, no clamp, no gaps. */
  static MatMulCase random(Dice dice, Kind kind, int rows, int k, int n) {
    MatMulCase c = new MatMulCase(kind, rows, k, n);
    dice.fill(c.x);
    dice.fill(c.w);
    for (int i = 0; i < c.inputScales.length; i++) {
      c.inputScales[i] = dice.scale();
      c.inputZeroPoints[i] = kind.scale() == Input.PER_ROW_SYMMETRIC ? 0 : dice.zeroPoint(kind.input());
    }
    boolean perColumn = kind.zeroPoints() == WeightZeroPoints.PER_COLUMN || dice.oneIn(2);
    c.weightScales = new float[perColumn ? n : 1];
    c.weightZeroPoints = new int[c.weightScales.length];
    int zeroPoint = kind.zeroPoints() == WeightZeroPoints.NONE ? 0 : dice.zeroPoint(kind.weights());
    for (int i = 0; i < c.weightScales.length; i++) {
      c.weightScales[i] = dice.scale();
      c.weightZeroPoints[i] = kind.zeroPoints() == WeightZeroPoints.PER_COLUMN
          ? dice.zeroPoint(kind.weights())
          : zeroPoint;
    }
    c.layout = dice.pick(WeightLayout.IN_OUT, WeightLayout.OUT_IN);
    c.randomOutput(dice);
    dice.prune(c.weightScales);
    return c;
  }

  /** A bias of a kind that the output allows. */
  MatMulCase randomBias(Dice dice) {
    if (dice.oneIn(2)) {
      bias = dice.biases(n);
    } else if (kind.output() == F32 || kind.scale() == Input.PER_TENSOR) {
      floatBias = dice.reals(n);
      if (kind.output() != F32) {
        // In units of the accumulator, as the integers are.
        int[] units = dice.biases(n);
        for (int i = 0; i < n; i++) {
          floatBias[i] = units[i] * (inputScales[0] * weightScale(i));
        }
      }
    }
    return this;
  }

  /** A clamp within the range of the output. */
  MatMulCase randomClamp(Dice dice) {
    if (kind.output() != S32) {
      float step = kind.output() == F32 ? Math.scalb(inputScales[0] * weightScale(0), 10) : outputScale;
      float a = dice.between(-150, 150) * step;
      float b = dice.between(-150f, 150f) * step;
      min = dice.oneIn(4) ? Float.NEGATIVE_INFINITY : dice.oneIn(2) ? Math.min(0, b) : Math.min(a, b);
      max = dice.oneIn(4) ? Float.POSITIVE_INFINITY : Math.max(a, b);
    }
    return this;
  }

  /** Gaps between rows. */
  MatMulCase randomGaps(Dice dice) {
    xGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    yGap = dice.oneIn(2) ? 0 : dice.between(1, 70);
    return this;
  }

  /** Chooses the output's scale so that the results spread over its range, some of them beyond. */
  private void randomOutput(Dice dice) {
    if (!kind.output().isByte() || rows == 0) {
      return;
    }
    float largest = 1e-6f;
    for (int i = 0; i < 16; i++) {
      int row = dice.between(0, rows - 1);
      int column = dice.between(0, n - 1);
      float real = accumulator(row, column) * (inputScale(row) * weightScale(column));
      largest = Math.max(largest, Math.abs(real));
    }
    outputScale = dice.outputScale(largest / dice.pick(60f, 130f, 400f), inputScales[0] * weightScales[0]);
    outputZeroPoint = dice.zeroPoint(kind.output());
  }

  float inputScale(int row) {
    return inputScales[inputScales.length == 1 ? 0 : row];
  }

  int inputZeroPoint(int row) {
    return inputZeroPoints[inputZeroPoints.length == 1 ? 0 : row];
  }

  float weightScale(int column) {
    return weightScales[weightScales.length == 1 ? 0 : column];
  }

  int weightZeroPoint(int column) {
    return weightZeroPoints[weightZeroPoints.length == 1 ? 0 : column];
  }

  /** The sum of products without bias, wrapped to 32 bits. */
  int accumulator(int row, int column) {
    int sum = 0;
    for (int i = 0; i < k; i++) {
      sum += (x.get((long) row * k + i) - inputZeroPoint(row))
          * (w.get((long) i * n + column) - weightZeroPoint(column));
    }
    return sum;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (MatMul op = subject.check(prepare(subject, memory))) {
      MemorySegment xs = Operands.strided(memory, x, rows, k, xGap);
      Tensor y = Operands.result(memory, kind.output(), rows, n, yGap);
      if (kind.scale() == Input.PER_TENSOR) {
        if (xGap == 0 && yGap == 0) {
          op.run(xs, y.data(), rows);
        } else {
          op.run(xs, k + xGap, y.data(), n + yGap, rows);
        }
      } else {
        MemorySegment scales = Operands.floats(memory, inputScales);
        MemorySegment zeroPoints = kind.scale() == Input.PER_ROW
            ? Operands.ints(memory, inputZeroPoints)
            : null;
        op.run(xs, k + xGap, scales, zeroPoints, y.data(), n + yGap, rows);
      }
      return Map.of("y", y);
    }
  }

  /** Prepares the op. */
  MatMul prepare(Subject subject, SegmentAllocator memory) {
    MatMul.Builder builder = subject.octet().matMul();
    if (kind.scale() == Input.PER_TENSOR) {
      builder.input(kind.input(), Quantization.perTensor(inputScales[0], inputZeroPoints[0]));
    } else {
      builder.inputPerRow(kind.input());
    }
    builder.weights(Operands.weights(memory, w, layout, weightScales, weightZeroPoints), layout);
    if (bias != null) {
      builder.bias(bias);
    }
    if (floatBias != null) {
      builder.bias(floatBias);
    }
    switch (kind.output()) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(kind.output(), Quantization.perTensor(outputScale, outputZeroPoint));
    }
    if (min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY) {
      builder.clamp(min, max);
    }
    return builder.prepare();
  }

  @Override
  public Map<String, Tensor> law() {
    Law.Output output = new Law.Output(kind.output(), outputScale, outputZeroPoint, min, max);
    Tensor y = Tensor.zeros(kind.output(), rows, n);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < n; column++) {
        output.store(y, (long) row * n + column, accumulator(row, column), inputScale(row),
            kind.scale() != Input.PER_TENSOR, weightScale(column), bias == null ? 0 : bias[column],
            floatBias == null ? null : floatBias[column]);
      }
    }
    return Map.of("y", withGaps(y));
  }

  /** A dense result as it lies in memory, gaps untouched. */
  Tensor withGaps(Tensor dense) {
    return Operands.withGaps(dense, rows, n, yGap);
  }

  @Override
  public String describe() {
    return "matMul " + kind + ", " + rows + " x " + k + " x " + n + ", weights " + layout + ", gaps x " + xGap
        + " y "
        + yGap + ", weight scales " + weightScales.length + ", output scale " + outputScale + " zero point "
        + outputZeroPoint + ", bias " + (bias != null ? "S32" : floatBias != null ? "F32" : "none")
        + ", clamp "
        + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int row = (int) (index / (n + yGap));
    int column = (int) (index % (n + yGap));
    if (column >= n) {
      return "row " + row + ": in the gap after it, which nobody may write";
    }
    return "row " + row + ", column " + column + ": accumulator " + accumulator(row, column)
        + (bias != null ? ", bias " + bias[column] : floatBias != null ? ", bias " + floatBias[column] : "")
        + ", input scale " + inputScale(row) + " zero point " + inputZeroPoint(row) + ", weight scale "
        + weightScale(column) + " zero point " + weightZeroPoint(column);
  }
}
