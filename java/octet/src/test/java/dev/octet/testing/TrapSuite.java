package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.testing.ConversionCase.Direction;
import dev.octet.testing.MatMulCase.Input;
import dev.octet.testing.MatMulCase.WeightZeroPoints;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The traps of the numerics law, one test each, against numbers that were worked out by hand or in wide
 * integers: where other libraries saturate, wrap, round or pad wrongly.
 */
public abstract class TrapSuite {
  private final List<String> notOffered = new ArrayList<>();
  private Subject subject;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @BeforeEach
  final void open() {
    subject = new Subject(profile());
  }

  @AfterEach
  final void close() {
    subject.close();
  }

  /** Pairs of products of these do not fit 16 bits: VPMADDUBSW saturates on them. */
  @Test
  void extremesThatSaturateSixteenBits() {
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        for (int k : new int[]{1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 127, 300}) {
          for (int pattern = 0; pattern < 4; pattern++) {
            MatMulCase c = integer(a, b, 3, k, 21);
            int p = pattern;
            fill(c.x, i -> (p & 1) == 0 || i % 2 == 0 ? a.max() : a.min());
            fill(c.w, i -> (p & 2) == 0 || i / 21 % 2 == 0 ? b.min() : b.max());
            checkExactly(c);
          }
        }
      }
    }
  }

  /** -128 has no positive counterpart: sign tricks fail on it. */
  @Test
  void weightsOfMinus128() {
    for (DataType a : List.of(U8, S8)) {
      MatMulCase c = integer(a, S8, 5, 97, 49);
      fill(c.x, i -> i % 3 == 0 ? a.min() : i % 3 == 1 ? a.max() : -1 & a.max());
      fill(c.w, i -> -128);
      checkExactly(c);
    }
  }

  @Test
  void zeroPointsAtBothEnds() {
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        for (int za : new int[]{a.min(), a.max()}) {
          for (int zb : new int[]{b.min(), b.max()}) {
            MatMulCase c = new MatMulCase(
                new MatMulCase.Kind(a, b, S32, Input.PER_TENSOR, WeightZeroPoints.PER_TENSOR), 4, 65, 33);
            c.inputZeroPoints[0] = za;
            c.weightZeroPoints[0] = zb;
            fill(c.x, i -> i % 2 == 0 ? a.min() : a.max());
            fill(c.w, i -> i % 3 == 0 ? b.min() : b.max());
            checkExactly(c);
          }
        }
      }
    }
  }

  /** The sum passes 2^31 several times: it wraps, and so does the compensation for zero points. */
  @Test
  void sumsWrapAtK140000() {
    int k = 140_000;
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        for (int za : new int[]{0, a.max()}) {
          MatMulCase c = integer(a, b, 2, k, 3);
          c.inputZeroPoints[0] = za;
          fill(c.x, i -> i < k ? a.min() + (i & 1) : a.max());
          fill(c.w, i -> i % 3 == 0 ? b.min() : i % 3 == 1 ? b.max() : i % 7 == 0 ? 1 : b.max());
          checkExactly(c);
        }
      }
    }
  }

  /**
   * Sums beyond 2^24 on their way through floats lose their low bits; here all of them are odd. oneDNN's
   * gemm:jit did that.
   */
  @Test
  void sumsBeyond24BitsKeepTheirLowBits() {
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        for (int k : new int[]{601, 1031, 4097}) {
          for (int[] size : new int[][]{{1, 1}, {5, 17}, {2, 70}}) {
            MatMulCase c = integer(a, b, size[0], k, size[1]);
            c.inputZeroPoints[0] = a.min();
            fill(c.x, i -> i % k == 0 ? a.min() + 1 : a.max());
            fill(c.w, i -> i < size[1] ? 1 : b.max() - (i / size[1] % 2 == 0 ? 0 : 2));
            checkExactly(c);
          }
        }
      }
    }
  }

  /** The same where both operands come with the run. */
  @Test
  void sumsOfBatchesBeyond24BitsKeepTheirLowBits() {
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        BatchMatMulCase.Kind kind = new BatchMatMulCase.Kind(a, b, S32, false, false, false);
        if (offered("sumsOfBatchesBeyond24BitsKeepTheirLowBits", kind.needs())) {
          BatchMatMulCase c = new BatchMatMulCase(kind, 2, 3, 1031, 17, false, false, false);
          c.left.zeroPoints[0] = a.min();
          fill(c.left.data, i -> i % 1031 == 0 ? a.min() + 1 : a.max());
          fill(c.right.data, i -> i / 17 % 1031 == 0 ? 1 : b.max());
          check(c, c.law());
        }
      }
    }
  }

  /** The same in a convolution over many channels; the sum in the middle is odd. */
  @Test
  void sumsOfConvolutionBeyond24BitsKeepTheirLowBits() {
    for (DataType type : List.of(U8, S8)) {
      for (Conv2dCase.Connection connection : List.of(Conv2dCase.Connection.DENSE,
          Conv2dCase.Connection.GROUPED)) {
        Conv2dCase.Kind kind = new Conv2dCase.Kind(type, S8, S32, connection, WeightZeroPoints.NONE);
        if (offered("sumsOfConvolutionBeyond24BitsKeepTheirLowBits", kind.needs())) {
          int groups = connection == Conv2dCase.Connection.DENSE ? 1 : 2;
          Conv2dCase c = new Conv2dCase(kind, 1, 3, 3, 132, 9, groups,
              new WindowSizes(3, 3, 1, 1, 1, 1, 1, 1, 1, 1));
          c.inputZeroPoints[0] = type.min();
          fill(c.x, i -> type.max());
          fill(c.w, i -> i % 132 == 0 ? 126 : 127);
          check(c, c.law());
        }
      }
    }
  }

  /** The bias is added modulo 2^32, before anything is scaled. */
  @Test
  void biasWraps() {
    MatMulCase c = integer(U8, S8, 1, 1, 2);
    c.x.set(0, 255);
    c.w.set(0, 127);
    c.w.set(1, -128);
    c.bias = new int[]{Integer.MAX_VALUE, Integer.MIN_VALUE};
    expect(c, Integer.MAX_VALUE + 255 * 127, Integer.MIN_VALUE - 255 * 128);
  }

  /** Halves go to the even integer, and the zero point is added after that: with an odd one it shows. */
  @Test
  void halvesGoToEvenBeforeTheZeroPointIsAdded() {
    for (int zeroPoint : new int[]{0, 1, -1, -3}) {
      MatMulCase c = requantizing(new int[]{1, 3, 5, 7, -1, -3, -5, -7}, 0.5f, zeroPoint);
      expect(c, zeroPoint, 2 + zeroPoint, 2 + zeroPoint, 4 + zeroPoint, zeroPoint, -2 + zeroPoint,
          -2 + zeroPoint,
          -4 + zeroPoint);
    }
  }

  @Test
  void nineteenAndAHalf() {
    expect(requantizing(new int[]{37, 39, 41, -37, -39, -41}, 0.5f, 0), 18, 20, 20, -18, -20, -20);
    expect(requantizing(new int[]{74, 78, 82, 77, 79}, 0.25f, 0), 18, 20, 20, 19, 20);
  }

  /**
   * The multiplier is f32(f32(sx * sw) / sy), rounded twice. Here that is 0.5 exactly, so that odd
   * accumulators become ties. In any other order, and without the rounding between, it is a little less,
   * which gives 19 for 39 and 21 for 43.
   */
  @Test
  void theMultiplierIsRoundedTwice() {
    float sx = 0.378f;
    float sw = 0.0288f;
    float sy = 2 * (sx * sw);
    if (sx * (sw / sy) == 0.5f || sw * (sx / sy) == 0.5f || (float) ((double) sx * sw / sy) == 0.5f) {
      throw new AssertionError("the test itself is wrong: all orders give the same");
    }
    MatMulCase c = requantizing(new int[]{37, 39, 41, 43}, sx, 0);
    c.weightScales[0] = sw;
    c.outputScale = sy;
    expect(c, 18, 20, 20, 22);
  }

  /** Beyond 2^24 an accumulator is rounded to a float before it is scaled. */
  @Test
  void largeAccumulatorsAreRoundedToFloat() {
    MatMulCase c = new MatMulCase(kind(U8, S8, F32), 1, 1, 3);
    c.bias = new int[]{(1 << 24) + 1, (1 << 24) + 3, Integer.MAX_VALUE};
    Tensor expected = Tensor.floats(0x1p24f, 0x1p24f + 4, 0x1p31f);
    check(c, expected);
  }

  /** F32 output: one rounding for the product of the scales, one for the scaling, one for the bias. */
  @Test
  void floatOutputRoundsScaleAndBiasApart() {
    MatMulCase c = new MatMulCase(kind(U8, S8, F32), 1, 1, 2);
    c.x.set(0, 201);
    c.w.set(0, 77);
    c.w.set(1, -101);
    c.inputScales[0] = 0.0123f;
    c.weightScales = new float[]{0.00345f, 0.0678f};
    c.weightZeroPoints = new int[2];
    c.floatBias = new float[]{-0.65f, 16.9f};
    float first = 201 * 77 * (0.0123f * 0.00345f);
    float second = 201 * -101 * (0.0123f * 0.0678f);
    check(c, Tensor.floats(first + -0.65f, second + 16.9f));
  }

  /** Scaled values far beyond the range of an int saturate. */
  @Test
  void hugeScaledValuesSaturate() {
    expect(requantizing(new int[]{127, -128, 1, -1}, 1e30f, 5), 127, -128, 127, -128);
  }

  /** Real bounds become integers by the quantize row. */
  @Test
  void clampsInRealNumbers() {
    MatMulCase c = requantizing(new int[]{-50, -1, 0, 3, 11, 13, 100}, 1, -10);
    c.min = 0;
    c.max = 6.25f;
    c.outputScale = 0.5f;
    // 6.25 / 0.5 = 12.5, half to even: 12
    expect(c, -10, -10, -10, -4, 2, 2, 2);
  }

  @Test
  void oneRowOneColumnOneProduct() {
    MatMulCase c = integer(S8, S8, 1, 1, 1);
    c.x.set(0, -128);
    c.w.set(0, -128);
    c.inputZeroPoints[0] = 127;
    expect(c, (-128 - 127) * -128);
  }

  @Test
  void noRows() {
    MatMulCase c = integer(U8, S8, 0, 17, 5);
    check(c, Tensor.zeros(S32, 0));
  }

  /** Sizes beside every multiple of 4, 16, 32 and 64, with data that a lost or doubled tail would change. */
  @Test
  void sizesThatAreNoMultiples() {
    for (int k : new int[]{1, 3, 5, 15, 17, 31, 33, 63, 65, 67}) {
      for (int n : new int[]{1, 3, 5, 15, 17, 31, 33, 63, 65, 67}) {
        MatMulCase c = integer(U8, S8, 3, k, n);
        fill(c.x, i -> i % k == k - 1 ? 255 : i % 251);
        fill(c.w, i -> i % n == n - 1 ? -128 : (i * 7 + 3) % 255 - 127);
        checkExactly(c);
      }
    }
  }

  /** A reciprocal multiply gives 25 where 26 is right. */
  @Test
  void dynamicQuantizeDivides() {
    if (offered("dynamicQuantizeDivides", Set.of(Feature.DYNAMIC_QUANTIZE))) {
      Tensor x = Tensor.floats(0, 2, -3, -2.5f, 1.34f, 0.5f).reshape(1, 6);
      check(new DynamicQuantizeCase(true, x),
          Map.of("y", Tensor.integers(U8, 153, 255, 0, 26, 221, 179), "scales",
              Tensor.floats(0.019607844f), "zeroPoints", Tensor.integers(S32, 153)));
    }
  }

  @Test
  void dynamicQuantizeOfZeros() {
    if (offered("dynamicQuantizeOfZeros", Set.of(Feature.DYNAMIC_QUANTIZE))) {
      check(new DynamicQuantizeCase(true, Tensor.zeros(F32, 1, 37)),
          Map.of("y", Tensor.zeros(U8, 1, 37), "scales",
              Tensor.floats(1), "zeroPoints", Tensor.integers(S32, 0)));
    }
  }

  /** The same inside a product: 26 - 153 times 1 and so on, scaled. */
  @Test
  void dynamicMatMulDivides() {
    FloatMatMulCase.Kind kind = new FloatMatMulCase.Kind(FloatMatMulCase.Arithmetic.DYNAMIC, S8, 0, false);
    if (offered("dynamicMatMulDivides", kind.needs())) {
      FloatMatMulCase c = FloatMatMulCase.random(new Dice(1, 0), kind, 1, 6, 2);
      float[] x = {0, 2, -3, -2.5f, 1.34f, 0.5f};
      for (int i = 0; i < 6; i++) {
        c.x.set(i, x[i]);
        c.w.set(2L * i, i == 3 ? 1 : 0);
        c.w.set(2L * i + 1, i == 3 ? 0 : -128);
      }
      Arrays.fill(c.scales, 0.5f);
      Arrays.fill(c.zeroPoints, 0);
      float scale = 0.019607844f * 0.5f;
      check(c, Tensor.floats((26 - 153) * scale, -128 * (0 + 102 - 153 + 68 + 26) * scale));
    }
  }

  @Test
  void quantizeSaturatesAndTakesNaNForTheLeast() {
    if (offered("quantizeSaturatesAndTakesNaNForTheLeast",
        Set.of(Feature.QUANTIZE_U8, Feature.QUANTIZE_PER_TENSOR))) {
      Tensor x = Tensor.floats(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE,
          -Float.MAX_VALUE, 0.25f, 0.75f, 1.25f, -0.25f);
      check(new ConversionCase(Direction.QUANTIZE, U8, Quantization.perTensor(0.5f, 7), x),
          Tensor.integers(U8, 0, 255, 0, 255, 0, 7, 9, 9, 7));
    }
  }

  /** -2.5 / scale is -127.49999; by a reciprocal it is -127.5, and -128 after rounding. */
  @Test
  void quantizeDivides() {
    if (offered("quantizeDivides", Set.of(Feature.QUANTIZE_S8, Feature.QUANTIZE_PER_TENSOR))) {
      float scale = 0.019607844f;
      Tensor x = Tensor.floats(-2.5f, 2.5f);
      check(new ConversionCase(Direction.QUANTIZE, S8, Quantization.perTensor(scale), x),
          Tensor.integers(S8, -127, 127));
    }
  }

  /** A padded tap behaves as the zero point: the borders of a constant image show it. */
  @Test
  void paddedBordersOfSignedImages() {
    for (DataType type : List.of(S8, U8)) {
      for (Conv2dCase.Connection connection : Conv2dCase.Connection.values()) {
        Conv2dCase.Kind kind = new Conv2dCase.Kind(type, S8, S32, connection, WeightZeroPoints.NONE);
        if (!offered("paddedBordersOfSignedImages", kind.needs())) {
          continue;
        }
        int groups = connection == Conv2dCase.Connection.DENSE ? 1 : 4;
        int in = connection == Conv2dCase.Connection.DEPTHWISE ? 1 : 5;
        WindowSizes window = new WindowSizes(3, 3, 1, 1, 1, 1, 1, 2, 1, 0);
        Conv2dCase c = new Conv2dCase(kind, 1, 4, 5, in, 3, groups, window);
        c.inputZeroPoints[0] = type.min() + 17;
        fill(c.x, i -> type.max());
        fill(c.w, i -> i % 2 == 0 ? -128 : 127);
        Tensor expected = Tensor.zeros(S32, 1, c.outHeight(), c.outWidth(), c.outChannels());
        for (int i = 0; i < expected.elements(); i++) {
          int pixel = i / c.outChannels();
          expected.set(i, c.accumulator(0, pixel / c.outWidth(), pixel % c.outWidth(), i % c.outChannels()));
        }
        // By hand: the top left window has two rows and one column inside the image.
        int corner = 0;
        for (int tap : new int[]{5, 8}) {
          for (int i = 0; i < in; i++) {
            corner += (type.max() - c.inputZeroPoints[0]) * c.w.get((long) tap * in + i);
          }
        }
        if (corner != expected.get(0)) {
          throw new AssertionError("the test itself is wrong: " + corner + " is not " + expected.get(0));
        }
        check(c, expected);
      }
    }
  }

  /** Sizes at the end of the int range: what is reckoned from them needs 64 bits. */
  @Test
  void windowsOfExtremeSizes() {
    int most = Integer.MAX_VALUE;
    List<WindowSizes> windows = List.of(
        // The taps before and behind the middle one lie in the padding.
        new WindowSizes(3, 3, 1, 1, most, most, most, most, most, most),
        new WindowSizes(2, 3, 1, 1, most, 1, most, 1, 0, 1),
        new WindowSizes(3, 3, most, most, 1, 1, 1, 1, 1, 1),
        new WindowSizes(3, 1, most, 1, 1, most, most, 0, most, 0),
        new WindowSizes(1, 3, 1, 100_000, 1, 700_000_000, 0, 1_400_000_000, 0, 2_000),
        new WindowSizes(1, 1, most, most, most, most, 3, 0, 0, 5));
    for (WindowSizes window : windows) {
      for (Conv2dCase.Connection connection : Conv2dCase.Connection.values()) {
        Conv2dCase.Kind kind = new Conv2dCase.Kind(U8, S8, S32, connection, WeightZeroPoints.NONE);
        if (offered("windowsOfExtremeSizes", kind.needs())) {
          int groups = connection == Conv2dCase.Connection.DENSE ? 1 : 4;
          int in = connection == Conv2dCase.Connection.DEPTHWISE ? 1 : 5;
          Conv2dCase c = new Conv2dCase(kind, 2, 5, 6, in, 3, groups, window);
          c.inputZeroPoints[0] = 17;
          fill(c.x, i -> i * 7 & 0xff);
          fill(c.w, i -> i % 251 - 125);
          check(c, c.law());
        }
      }
    }
  }

  /** K beyond what 16-bit pair sums hold, for operands that both come with the run. */
  @Test
  void batchesOfExtremes() {
    for (DataType a : List.of(U8, S8)) {
      for (DataType b : List.of(U8, S8)) {
        for (boolean transposed : new boolean[]{false, true}) {
          BatchMatMulCase.Kind kind = new BatchMatMulCase.Kind(a, b, S32, false, false, transposed);
          if (!offered("batchesOfExtremes", kind.needs())) {
            continue;
          }
          BatchMatMulCase c = new BatchMatMulCase(kind, 2, 3, 131, 18, false, false, false);
          fill(c.left.data, i -> i % 5 == 0 ? a.min() : a.max());
          fill(c.right.data, i -> b.min());
          c.left.zeroPoints[0] = a.max();
          c.right.zeroPoints[0] = b.max();
          Tensor expected = Tensor.zeros(S32, 2, 3, 18);
          for (int i = 0; i < expected.elements(); i++) {
            int row = i / 18;
            long sum = 0;
            for (int j = 0; j < 131; j++) {
              sum += (row * 131 + j) % 5 == 0 ? 255L * 255 : 0;
            }
            expected.set(i, (int) sum);
          }
          check(c, expected);
        }
      }
    }
  }

  private static MatMulCase.Kind kind(DataType a, DataType b, DataType y) {
    return new MatMulCase.Kind(a, b, y, Input.PER_TENSOR, WeightZeroPoints.NONE);
  }

  private static MatMulCase integer(DataType a, DataType b, int rows, int k, int n) {
    return new MatMulCase(kind(a, b, S32), rows, k, n);
  }

  /** One row that has these accumulators, to be scaled by a multiplier; S8 output. */
  private static MatMulCase requantizing(int[] accumulators, float multiplier, int zeroPoint) {
    MatMulCase c = new MatMulCase(kind(U8, S8, S8), 1, 1, accumulators.length);
    c.x.set(0, 1);
    for (int i = 0; i < accumulators.length; i++) {
      c.w.set(i, accumulators[i]);
    }
    c.inputScales[0] = multiplier;
    c.outputZeroPoint = zeroPoint;
    return c;
  }

  private static void fill(Tensor tensor, IntUnaryOperator value) {
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, value.applyAsInt(i));
    }
  }

  private void expect(MatMulCase c, int... expected) {
    check(c, Tensor.integers(c.kind.output(), expected));
  }

  /** S32 output against sums in 64 bits, of which the low 32 must remain. */
  private void checkExactly(MatMulCase c) {
    Tensor expected = Tensor.zeros(S32, (long) c.rows * c.n);
    for (int row = 0; row < c.rows; row++) {
      for (int column = 0; column < c.n; column++) {
        long sum = 0;
        for (int i = 0; i < c.k; i++) {
          sum += (long) (c.x.get((long) row * c.k + i) - c.inputZeroPoint(row))
              * (c.w.get((long) i * c.n + column) - c.weightZeroPoint(column));
        }
        expected.set((long) row * c.n + column, (int) sum);
      }
    }
    check(c, expected);
  }

  private void check(MatMulCase c, Tensor expected) {
    if (offered("matMul", c.kind.needs())) {
      check(c, Map.of("y", expected));
    }
  }

  private void check(OpCase c, Tensor expected) {
    check(c, Map.of("y", expected));
  }

  private void check(OpCase c, Map<String, Tensor> expected) {
    try (Arena memory = Arena.ofConfined()) {
      Comparison.check("trap on " + profile().name(), c, expected, c.run(subject, memory));
    }
  }

  private boolean offered(String trap, Collection<Feature> needs) {
    if (profile().offers(needs)) {
      return true;
    }
    String line = "traps on " + profile().name() + ": " + trap + " needs " + needs + ", not offered";
    if (!notOffered.contains(line)) {
      notOffered.add(line);
      System.out.println(line);
    }
    return false;
  }
}
