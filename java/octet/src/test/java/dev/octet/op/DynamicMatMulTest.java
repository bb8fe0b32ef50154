package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.Dice;
import dev.octet.testing.Exact;
import dev.octet.testing.RandomCases;
import dev.octet.testing.TestMemory;
import dev.octet.testing.TestWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** DynamicMatMul on the scalar engine against the law: by hand, and in exact arithmetic. */
class DynamicMatMulTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static float[] run(QTensor weights, float[] bias, float... x) {
    DynamicMatMul.Builder builder = OCTET.dynamicMatMul().weights(weights, WeightLayout.IN_OUT);
    if (bias != null) {
      builder.bias(bias);
    }
    try (DynamicMatMul op = builder.prepare()) {
      int k = weights.shape().intDim(0);
      float[] y = new float[x.length / k * weights.shape().intDim(1)];
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), x.length / k);
      return y;
    }
  }

  @Test
  void quantizesARowAsOnnxDynamicQuantizeLinear() {
    // Of ONNX's own example, scale 5/255 = .0196078438, zero point 153, values {153,255,0,26,221,179}; a
    // multiplication by 1/scale would give 25 where 26 is right. Identity weights show the values.
    byte[] identity = new byte[36];
    for (int i = 0; i < 6; i++) {
      identity[7 * i] = 1;
    }
    QTensor w = QTensor.of(S8, Shape.of(6, 6), Quantization.perTensor(1), identity);
    float[] y = run(w, null, 0, 2, -3, -2.5f, 1.34f, 0.5f);
    float scale = 0.019607844f;
    assertArrayEquals(new float[]{0, 102 * scale, -153 * scale, -127 * scale, 68 * scale, 26 * scale}, y);
  }

  @Test
  void multipliesPerChannelByHand() {
    // Row {0, 255}: scale 1, zero point 0. Row {-255, 0}: scale 1, zero point 255, centred {-255, 0}.
    QTensor w = QTensor.of(S8, Shape.of(2, 2),
        Quantization.perChannel(1, new float[]{0.5f, 2}, new int[]{1, 0}),
        new byte[]{3, -128, 5, 127});
    // Column 0, centred {2, 4}: 255 * 4 * .5 = 510; -255 * 2 * .5 = -255.
    // Column 1: 255 * 127 * 2 = 64770; -255 * -128 * 2 = 65280. Bias {1, -1}.
    assertArrayEquals(new float[]{511, 64769, -254, 65279},
        run(w, new float[]{1, -1}, 0, 255, -255, 0));
  }

  @Test
  void anAllZeroRowGivesTheBias() {
    QTensor w = QTensor.of(S8, Shape.of(2, 1), Quantization.perTensor(1, 7), new byte[]{-128, 127});
    assertArrayEquals(new float[]{0.25f}, run(w, new float[]{0.25f}, 0, -0.0f));
  }

  @Test
  void multipliesPerGroupByHand() {
    // K = 33, groups of 32: the second holds one row. Group 0: absmax 127, scale 1, q = {127, -64 (-63.5 to
    // even), ...}; group 1: absmax 2, scale 2/127, q = -127.
    float[] x = new float[33];
    x[0] = 127;
    x[1] = -63.5f;
    x[32] = -2;
    byte[] q = new byte[17]; // 33 U4 weights, low nibble first
    q[0] = (byte) (5 | 9 << 4); // zero point 3: 2 and 6
    for (int i = 1; i < 16; i++) {
      q[i] = 0x33;
    }
    q[16] = 4; // zero point 15: -11
    QTensor w = QTensor.of(U4, Shape.of(33, 1),
        Quantization.perGroup(0, 32, new float[]{0.5f, 0.25f}, new int[]{3, 15}), q);
    // Group 0: 127 * 2 - 64 * 6 = -130, times .5 = -65. Group 1: -127 * -11 = 1397, times 2/127 / 4 = 5.5.
    float f = Math.fma(1397f, 2f / 127f * 0.25f, -65f);
    assertEquals(-59.5f, f, 1e-5f);
    assertArrayEquals(new float[]{f + 0.125f}, run(w, new float[]{0.125f}, x));
  }

  @Test
  void anAllZeroGroupAddsNothing() {
    float[] x = new float[64];
    x[40] = 127;
    byte[] q = new byte[64];
    Arrays.fill(q, (byte) -128);
    QTensor w = QTensor.of(S8, Shape.of(64, 1),
        Quantization.perGroup(0, 32, new float[]{0.5f, 0.5f}, new int[]{127, 127}), q);
    assertArrayEquals(new float[]{127 * -255 * 0.5f}, run(w, null, x));
  }

  @Test
  void groupsAreAddedByFusedMultiplyAdd() {
    // Group 0 leaves f = -127 * f32(1/127); group 1 adds 381 * f32(f32(1/3)/127): close to -1 + 1, so that
    // what rounding the product first would lose is all that remains.
    float s0 = 1f / 127f;
    float s1 = 1f / 3f / 127f;
    float[] x = new float[64];
    x[0] = 127;
    x[32] = 127;
    byte[] q = new byte[64];
    q[0] = -1;
    q[32] = 3;
    QTensor w = QTensor.of(S8, Shape.of(64, 1), Quantization.perGroup(0, 32, new float[]{s0, s1}), q);
    float separate = 381f * s1 - 127f * s0;
    float fused = Math.fma(381f, s1, -127f * s0);
    assertTrue(fused != separate, "the case tells them apart");
    assertArrayEquals(new float[]{fused}, run(w, null, x));
  }

  @Test
  void notFiniteRowsGiveNotFiniteResults() {
    QTensor perTensor = QTensor.of(S8, Shape.of(2, 1), Quantization.perTensor(1), new byte[]{1, 1});
    QTensor perGroup = QTensor.of(S8, Shape.of(2, 1), Quantization.perGroup(0, 32, new float[]{1}),
        new byte[]{1, 1});
    for (float bad : new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (QTensor w : new QTensor[]{perTensor, perGroup}) {
        float[] y = run(w, null, 1, bad, 1, 1);
        assertTrue(!Float.isFinite(y[0]), w + " with " + bad + ": " + y[0]);
        assertEquals(2, y[1], 1e-6f, "the next row is itself");
      }
    }
  }

  @Test
  void equalsTheLawPerTensorAndPerChannel() {
    RandomCases.run("dynamicMatMul against exact arithmetic", "SCALAR", 200,
        (dice, index, what) -> check(dice, S8, dice.pick(Granularity.PER_TENSOR,
            Granularity.PER_CHANNEL), 0, dice.size(65)));
  }

  @Test
  void equalsTheLawPerGroup() {
    RandomCases.run("dynamicMatMul against exact arithmetic", "SCALAR", 300, (dice, index, what) -> {
      int group = dice.pick(16, 32, 64, 128, 256);
      int k = dice.oneIn(2)
          ? dice.size(65)
          : group * dice.between(0, 2) + dice.between(1, group);
      check(dice, dice.pick(S8, S4, U4), Granularity.PER_GROUP, group, k);
    });
  }

  private static void check(Dice dice, DataType type, Granularity granularity, int group, int k) {
    int n = dice.size(65);
    int rows = dice.between(0, 5);
    TestWeights weights = new TestWeights(dice, type, granularity, group, k, n);
    long xStride = (long) k + dice.between(0, 2);
    long yStride = (long) n + dice.between(0, 2);
    float[] values = rows(dice, rows, xStride);
    MemorySegment x = TestMemory.floats(dice, values);
    MemorySegment y = TestMemory.output(dice, 4 * yStride * rows);
    float[] bias = dice.oneIn(2) ? bias(dice, n) : null;
    float min = dice.oneIn(3) ? 0 : Float.NEGATIVE_INFINITY;
    float max = dice.oneIn(3) ? 6 : Float.POSITIVE_INFINITY;
    DynamicMatMul.Builder builder = OCTET.dynamicMatMul().weights(weights.tensor(), weights.layout())
        .clamp(min, max);
    if (bias != null) {
      builder.bias(bias);
    }
    try (DynamicMatMul op = builder.prepare()) {
      op.run(x, xStride, y, yStride, rows);
    }
    for (int row = 0; row < rows; row++) {
      float[] a = Arrays.copyOfRange(values, (int) (row * xStride), (int) (row * xStride) + k);
      float[] products = granularity == Granularity.PER_GROUP
          ? perGroup(a, weights, group)
          : perRow(a, weights);
      for (int column = 0; column < n; column++) {
        float f = bias == null ? products[column] : Exact.sum(products[column], bias[column]);
        float expected = Math.min(Math.max(f, min), max);
        float got = TestMemory.getFloat(y, row * yStride + column);
        assertEquals(expected, got, "row " + row + ", column " + column + " of " + weights);
      }
      for (long i = n; i < yStride; i++) {
        assertEquals(0xA5A5A5A5, Float.floatToRawIntBits(TestMemory.getFloat(y, row * yStride + i)),
            "between");
      }
    }
  }

  /** Rows of ordinary numbers, of one sign, of zeros, of multiples that meet ties. */
  private static float[] rows(Dice dice, int rows, long stride) {
    float[] values = new float[(int) (rows * stride)];
    for (int row = 0; row < rows; row++) {
      int mode = dice.between(0, 5);
      float size = (float) Math.pow(10, dice.between(-3, 3));
      for (int i = 0; i < stride; i++) {
        values[(int) (row * stride) + i] = switch (mode) {
          case 0 -> 0;
          case 1 -> size * dice.between(0f, 1f);
          case 2 -> -size * dice.between(0f, 1f);
          case 3 -> dice.between(-255, 255) / 2f;
          default -> size * dice.gaussian();
        };
      }
    }
    return values;
  }

  private static float[] bias(Dice dice, int n) {
    float[] bias = new float[n];
    for (int i = 0; i < n; i++) {
      bias[i] = 1 + dice.gaussian();
    }
    return bias;
  }

  /** A row of the result before bias and clamp. */
  private static float[] perRow(float[] a, TestWeights weights) {
    float min = 0;
    float max = 0;
    for (float x : a) {
      min = x < min ? x : min;
      max = x > max ? x : max;
    }
    float scale = min == max ? 1 : Exact.quotient(Exact.sum(max, -min), 255);
    int zeroPoint = Exact.integer(Exact.quotient(-min, scale), 0, 0, 255);
    int[] centred = new int[a.length];
    for (int i = 0; i < a.length; i++) {
      centred[i] = Exact.quantize(a[i], scale, zeroPoint, DataType.U8) - zeroPoint;
    }
    float[] y = new float[weights.n()];
    for (int column = 0; column < y.length; column++) {
      int accumulator = weights.accumulate(centred, 0, a.length, column);
      y[column] = Exact.product((float) accumulator, Exact.product(scale, weights.scale(0, column)));
    }
    return y;
  }

  /** A row of the result before bias and clamp. */
  private static float[] perGroup(float[] a, TestWeights weights, int size) {
    float[] y = new float[weights.n()];
    for (int first = 0; first < a.length; first += size) {
      int end = Math.min(a.length, first + size);
      float absmax = 0;
      for (int i = first; i < end; i++) {
        absmax = Math.abs(a[i]) > absmax ? Math.abs(a[i]) : absmax;
      }
      float scale = absmax == 0 ? 1 : Exact.quotient(absmax, 127);
      int[] centred = new int[a.length];
      for (int i = first; i < end; i++) {
        centred[i] = Exact.integer(Exact.quotient(a[i], scale), 0, -127, 127);
      }
      for (int column = 0; column < y.length; column++) {
        int accumulator = weights.accumulate(centred, first, end, column);
        float step = Exact.product(scale, weights.scale(first / size, column));
        y[column] = Exact.fma((float) accumulator, step, y[column]);
      }
    }
    return y;
  }

  @Test
  void perGroupIsCloseToTheRealProduct() {
    // Rounding an activation costs at most half a step, absmax/254 of its group; the float sums of at most
    // 4 groups are small beside it.
    RandomCases.run("dynamicMatMul against exact arithmetic", "SCALAR", 100, (dice, index, what) -> {
      int k = dice.between(1, 128);
      int n = dice.between(1, 8);
      TestWeights weights = new TestWeights(dice, S4, Granularity.PER_GROUP, 32, k, n);
      float[] x = new float[k];
      for (int i = 0; i < k; i++) {
        x[i] = dice.gaussian();
      }
      MemorySegment y = TestMemory.output(dice, 4L * n);
      try (DynamicMatMul op = OCTET.dynamicMatMul().weights(weights.tensor(), weights.layout()).prepare()) {
        op.run(TestMemory.floats(dice, x), y, 1);
      }
      for (int column = 0; column < n; column++) {
        double real = 0;
        double bound = 0;
        double magnitude = 0;
        for (int i = 0; i < k; i++) {
          int first = i / 32 * 32;
          double absmax = 0;
          for (int j = first; j < Math.min(k, first + 32); j++) {
            absmax = Math.max(absmax, Math.abs(x[j]));
          }
          double w = (double) weights.centred(i, column) * weights.scale(i / 32, column);
          real += x[i] * w;
          bound += absmax / 254 * Math.abs(w);
          magnitude += Math.abs(x[i] * w);
        }
        assertEquals(real, TestMemory.getFloat(y, column), bound * 1.0001 + magnitude * 1e-6);
      }
    });
  }

  @Test
  void theOrderOfOptionsDoesNotMatterAndNoRowsAreFine() {
    QTensor w = QTensor.of(S8, Shape.of(1, 1), Quantization.perTensor(1), new byte[]{1});
    try (DynamicMatMul op = OCTET.dynamicMatMul().relu6().bias(new float[]{10})
        .weights(w, WeightLayout.OUT_IN).prepare()) {
      float[] y = {9};
      op.run(MemorySegment.ofArray(new float[]{-20}), MemorySegment.ofArray(y), 0);
      assertEquals(9, y[0]);
      op.run(MemorySegment.ofArray(new float[]{-20}), MemorySegment.ofArray(y), 1);
      assertEquals(0, y[0]);
      op.run(MemorySegment.ofArray(new float[]{20}), MemorySegment.ofArray(y), 1);
      assertEquals(6, y[0]);
      assertEquals(Engine.SCALAR, op.engine());
      assertEquals("scalar:f32s8_f32_pt_dynamic", op.kernel());
      assertTrue(op.exact());
    }
  }
}
