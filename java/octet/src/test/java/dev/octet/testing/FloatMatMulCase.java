package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.WeightLayout;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;

/** Float rows times quantized weights, float out: a dynamicMatMul or a weightOnlyMatMul. */
final class FloatMatMulCase implements OpCase {
  /** What happens inside. */
  enum Arithmetic {
    /** Rows are quantized on the fly, products are integers: the law holds bit by bit. */
    DYNAMIC,
    /** Weights are dequantized; the order of summation is free, the error is bounded. */
    WEIGHT_ONLY
  }

  /** What is fixed before sizes and data; group 0: one scale for all or one a column. */
  record Kind(Arithmetic arithmetic, DataType weights, int group, boolean zeroPoints, boolean perTensor) {
    /** Each row by a range of its own. */
    Kind(Arithmetic arithmetic, DataType weights, int group, boolean zeroPoints) {
      this(arithmetic, weights, group, zeroPoints, false);
    }

    Set<Feature> needs() {
      String what = arithmetic == Arithmetic.DYNAMIC ? "DYNAMIC_MATMUL" : "WEIGHT_ONLY_MATMUL";
      Set<Feature> needs = EnumSet.of(Feature.valueOf(what + "_" + weights + (group > 0 ? "_GROUPS" : "")));
      if (perTensor) {
        needs.add(Feature.DYNAMIC_MATMUL_PER_TENSOR);
      }
      if (zeroPoints) {
        needs.add(Feature.valueOf(what + "_WEIGHT_ZERO_POINTS"));
      }
      return needs;
    }

    static Kind random(Dice dice, EngineProfile profile, Arithmetic arithmetic) {
      return dice.until(kind -> profile.offers(kind.needs()), () -> {
        int group = dice.pick(0, 16, 32, 64, 128, 256);
        boolean dynamic = arithmetic == Arithmetic.DYNAMIC;
        DataType one = dynamic && dice.oneIn(3) ? U8 : S8;
        return new Kind(arithmetic, group == 0 ? one : dice.pick(S8, S4, U4), group, dice.oneIn(2),
            dynamic && group == 0 && dice.oneIn(2));
      });
    }

    /** Dynamic, with groups along K or without. */
    static Kind dynamic(Dice dice, EngineProfile profile, boolean groups) {
      return dice.until(kind -> (kind.group() > 0) == groups,
          () -> random(dice, profile, Arithmetic.DYNAMIC));
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
  int xGap;
  int yGap;
  /** One, one a column, or {@code [groups][N]}. */
  final float[] scales;
  final int[] zeroPoints;
  /** Or null. */
  float[] bias;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  private FloatMatMulCase(Kind kind, int rows, int k, int n, int scales) {
    this.kind = kind;
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.x = Tensor.zeros(F32, rows, k);
    this.w = Tensor.zeros(kind.weights(), k, n);
    this.scales = new float[scales];
    this.zeroPoints = new int[scales];
  }

  /** Random data, scales and zero points; no bias, no clamp, no gaps. */
  static FloatMatMulCase random(Dice dice, Kind kind, int rows, int k, int n) {
    int scales = kind.group() > 0 ? Math.ceilDiv(k, kind.group()) * n : dice.oneIn(2) ? n : 1;
    FloatMatMulCase c = new FloatMatMulCase(kind, rows, k, n, scales);
    Operands.fillRows(dice, c.x, rows, k);
    dice.fill(c.w);
    for (int i = 0; i < scales; i++) {
      c.scales[i] = dice.scale();
      c.zeroPoints[i] = !kind.zeroPoints()
          ? 0
          : kind.group() > 0 ? dice.groupZeroPoint(kind.weights()) : dice.zeroPoint(kind.weights());
    }
    if (kind.group() > 0) {
      dice.negate(c.scales);
    }
    c.layout = dice.pick(WeightLayout.IN_OUT, WeightLayout.OUT_IN);
    dice.prune(c.scales);
    return c;
  }

  /** With bias, clamp and gaps, each or not. */
  static FloatMatMulCase random(Dice dice, Kind kind, IntSupplier size) {
    FloatMatMulCase c = random(dice, kind, size.getAsInt(), size.getAsInt(), size.getAsInt());
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

  int parameter(int row, int column) {
    return kind.group() > 0 ? row / kind.group() * n + column : scales.length == 1 ? 0 : column;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    QTensor weights = weights(memory);
    MemorySegment xs = Operands.strided(memory, x, rows, k, xGap);
    Tensor y = Operands.result(memory, F32, rows, n, yGap);
    boolean clamped = min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY;
    if (kind.arithmetic() == Arithmetic.DYNAMIC) {
      DynamicMatMul.Builder builder = subject.octet().dynamicMatMul().weights(weights, layout);
      if (kind.perTensor()) {
        builder.perTensor();
      }
      if (bias != null) {
        builder.bias(bias);
      }
      if (clamped) {
        builder.clamp(min, max);
      }
      try (DynamicMatMul op = subject.check(builder.prepare())) {
        op.run(xs, k + xGap, y.data(), n + yGap, rows);
      }
    } else {
      WeightOnlyMatMul.Builder builder = subject.octet().weightOnlyMatMul().weights(weights, layout);
      if (bias != null) {
        builder.bias(bias);
      }
      if (clamped) {
        builder.clamp(min, max);
      }
      try (WeightOnlyMatMul op = subject.check(builder.prepare())) {
        op.run(xs, k + xGap, y.data(), n + yGap, rows);
      }
    }
    return Map.of("y", y);
  }

  private QTensor weights(SegmentAllocator memory) {
    if (kind.group() == 0) {
      return Operands.weights(memory, w, layout, scales, zeroPoints);
    }
    boolean outIn = layout == WeightLayout.OUT_IN;
    Tensor stored = (outIn ? Operands.transpose(w) : w).copyTo(memory);
    int groups = Math.ceilDiv(k, kind.group());
    float[] storedScales = scales.clone();
    int[] storedZeroPoints = zeroPoints.clone();
    for (int i = 0; outIn && i < scales.length; i++) {
      storedScales[i % n * groups + i / n] = scales[i];
      storedZeroPoints[i % n * groups + i / n] = zeroPoints[i];
    }
    return QTensor.of(w.type(), stored.shape(),
        Quantization.perGroup(outIn ? 1 : 0, kind.group(), storedScales, storedZeroPoints), stored.data());
  }

  /** Float arithmetic has no exact law. */
  @Override
  public Map<String, Tensor> law() {
    if (kind.arithmetic() == Arithmetic.WEIGHT_ONLY) {
      return Map.of();
    }
    if (kind.group() == 0) {
      return Map.of("y", withGaps(lawOfColumns()));
    }
    Tensor y = Tensor.zeros(F32, rows, n);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < n; column++) {
        float sum = 0;
        for (int first = 0; first < k; first += kind.group()) {
          int last = Math.min(k, first + kind.group());
          float largest = 0;
          for (int i = first; i < last; i++) {
            largest = Math.max(largest, Math.abs(x.real((long) row * k + i)));
          }
          float scale = largest == 0 ? 1 : largest / 127;
          int parameter = parameter(first, column);
          int accumulator = 0;
          for (int i = first; i < last; i++) {
            float steps = (float) Math.rint(x.real((long) row * k + i) / scale);
            int q = (int) Math.max(-127, Math.min(127, steps));
            accumulator += q * (w.get((long) i * n + column) - zeroPoints[parameter]);
          }
          sum = Math.fma((float) accumulator, scale * scales[parameter], sum);
        }
        if (bias != null) {
          sum += bias[column];
        }
        y.set((long) row * n + column, Math.max(min, Math.min(max, sum)));
      }
    }
    return Map.of("y", withGaps(y));
  }

  private Tensor lawOfColumns() {
    Law.Output output = new Law.Output(F32, 1, 0, min, max);
    Tensor y = Tensor.zeros(F32, rows, n);
    for (int row = 0; row < rows; row++) {
      DynamicRange range = kind.perTensor()
          ? DynamicRange.of(x, 0, x.elements())
          : DynamicRange.of(x, (long) row * k, k);
      for (int column = 0; column < n; column++) {
        int parameter = parameter(0, column);
        int accumulator = 0;
        for (int i = 0; i < k; i++) {
          accumulator += (range.quantize(x.real((long) row * k + i)) - range.zeroPoint())
              * (w.get((long) i * n + column) - zeroPoints[parameter]);
        }
        output.store(y, (long) row * n + column, accumulator, range.scale(), true, scales[parameter], 0,
            bias == null ? null : bias[column]);
      }
    }
    return y;
  }

  /**
   * How far a result may be from the product of the real operands: half a step of each quantized row element
   * times its weight, and the rounding of the sum. Only for groups.
   */
  double quantizationError(int row, int column) {
    double error = 0;
    for (int i = 0; i < k; i++) {
      double largest = 0;
      int first = i / kind.group() * kind.group();
      for (int j = first; j < Math.min(k, first + kind.group()); j++) {
        largest = Math.max(largest, Math.abs(x.real((long) row * k + j)));
      }
      double step = largest / 127;
      error += Math.abs(real(i, column)) * (step * 0.5001 + 0x1p-20 * largest);
    }
    return error;
  }

  /** The product of the real operands, in double precision, without bias and clamp. */
  double realProduct(int row, int column) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += (double) x.real((long) row * k + i) * real(i, column);
    }
    return sum;
  }

  Tensor withGaps(Tensor dense) {
    return Operands.withGaps(dense, rows, n, yGap);
  }

  /** A weight as a real number. */
  private float real(int row, int column) {
    int parameter = parameter(row, column);
    return (float) (w.get((long) row * n + column) - zeroPoints[parameter]) * scales[parameter];
  }

  /**
   * Bit by bit for dynamic arithmetic. For float arithmetic the law is a bound around the exact sum, whatever
   * another engine found: K * 2^-23 * sum(|a * w|), and half a unit in the last place for adding the bias.
   */
  @Override
  public boolean agrees(String result, long index, Tensor expected, Tensor actual) {
    int row = (int) (index / (n + yGap));
    int column = (int) (index % (n + yGap));
    if (kind.arithmetic() == Arithmetic.DYNAMIC || column >= n) {
      return expected.same(index, actual);
    }
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < k; i++) {
      double product = (double) x.real((long) row * k + i) * real(i, column);
      sum += product;
      magnitude += Math.abs(product);
    }
    return new FloatSum(k, sum, magnitude).allows(actual.real(index), bias, column, min, max);
  }

  @Override
  public String describe() {
    return kind + ", " + rows + " x " + k + " x " + n + ", weights " + layout + ", gaps x " + xGap + " y "
        + yGap
        + ", scales " + scales.length + ", bias " + (bias == null ? "none" : "F32") + ", clamp " + min
        + " to "
        + max;
  }

  @Override
  public String explain(String result, long index) {
    int row = (int) (index / (n + yGap));
    int column = (int) (index % (n + yGap));
    if (column >= n) {
      return "row " + row + ": in the gap after it, which nobody may write";
    }
    return "row " + row + ", column " + column + ": unquantized sum " + realProduct(row, column)
        + (bias == null ? "" : ", bias " + bias[column]) + ", weight scale " + scales[parameter(0, column)]
        + " zero point " + zeroPoints[parameter(0, column)] + (kind.group() > 0 ? " in the first group" : "");
  }
}
