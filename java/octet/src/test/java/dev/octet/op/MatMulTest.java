package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import dev.octet.testing.TestOutput;
import dev.octet.testing.TestWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** MatMul on the scalar engine against the law: by hand, and in exact arithmetic with every option. */
class MatMulTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  @Test
  void roundsTiesToEven() {
    // acc * M with M = .5: 1 -> .5 -> 0, 3 -> 1.5 -> 2, 5 -> 2.5 -> 2, 39 -> 19.5 -> 20; zero point 1, added
    // after rounding (before, 19.5 + 1 would round to 20 and 1.5 + 1 to 2).
    QTensor w = QTensor.of(S8, Shape.of(1, 1), Quantization.perTensor(0.5f), new byte[]{1});
    try (MatMul op = OCTET.matMul().input(U8, Quantization.perTensor(1)).weights(w, WeightLayout.IN_OUT)
        .output(U8, Quantization.perTensor(1, 1)).prepare()) {
      byte[] y = new byte[4];
      op.run(MemorySegment.ofArray(new byte[]{1, 3, 5, 39}), MemorySegment.ofArray(y), 4);
      assertArrayEquals(new byte[]{1, 3, 3, 21}, y);
    }
  }

  @Test
  void scalesAreMultipliedInTheOrderOfTheLaw() {
    // sy = f32(2 * sx * sw): a scale known before makes M = f32(sx * sw) / sy = .5, and 3 * M = 1.5 rounds to
    // 2.
    // One that comes with the run makes M = sx * f32(sw / sy), here just below .5, and 3 * M rounds to 1.
    float sw = 0.3f;
    float sx = 0.1f;
    while (sx * (sw / (2 * sx * sw)) >= 0.5f) {
      sx = Math.nextUp(sx);
    }
    QTensor w = QTensor.of(S8, Shape.of(1, 1), Quantization.perTensor(sw), new byte[]{3});
    MatMul.Builder builder = OCTET.matMul().weights(w, WeightLayout.IN_OUT)
        .output(S8, Quantization.perTensor(2 * sx * sw));
    MemorySegment x = MemorySegment.ofArray(new byte[]{1});
    byte[] y = new byte[1];
    try (MatMul fixed = builder.input(S8, Quantization.perTensor(sx)).prepare();
        MatMul perRow = builder.inputPerRow(S8).prepare()) {
      fixed.run(x, MemorySegment.ofArray(y), 1);
      assertEquals(2, y[0]);
      perRow.run(x, MemorySegment.ofArray(new float[]{sx}), null, MemorySegment.ofArray(y), 1);
      assertEquals(1, y[0]);
    }
  }

  @Test
  void accumulatorsWrap() {
    // (0 - 255) * (-128 - 127) = 65025; 33,025 of them are 2147450625, one more is 2147515650 = wrapped
    // -2147451646. u8 * s8 without zero points: 255 * -128 = -32640, 65,793 of them -2147483520 fit.
    assertEquals(2147450625, sum(33025, U8, 0, 255, (byte) -128, 127));
    assertEquals(-2147451646, sum(33026, U8, 0, 255, (byte) -128, 127));
    assertEquals(-2147483520, sum(65793, U8, 255, 0, (byte) -128, 0));
    assertEquals(2147451136, sum(65794, U8, 255, 0, (byte) -128, 0));
    // -128 * -128 = 16384; 131,071 of them are 2147467264, 140,000 of them wrap.
    assertEquals(2147467264, sum(131071, S8, -128, 0, (byte) -128, 0));
    assertEquals((int) (140000L * 16384), sum(140000, S8, -128, 0, (byte) -128, 0));
  }

  private static int sum(int k, DataType type, int value, int zeroPoint, byte weight, int weightZeroPoint) {
    byte[] weights = new byte[k];
    Arrays.fill(weights, weight);
    QTensor w = QTensor.of(S8, Shape.of(k, 1), Quantization.perTensor(1, weightZeroPoint), weights);
    byte[] x = new byte[k];
    Arrays.fill(x, (byte) value);
    int[] y = new int[1];
    try (MatMul op = OCTET.matMul().input(type, Quantization.perTensor(1, zeroPoint))
        .weights(w, WeightLayout.IN_OUT).outputS32().prepare()) {
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1);
    }
    return y[0];
  }

  @Test
  void equalsTheLaw() {
    RandomCases.run("matMul against exact arithmetic", "SCALAR", 500, (dice, index, what) -> check(dice));
  }

  private static void check(Dice dice) {
    int k = dice.size(65);
    int n = dice.size(65);
    int rows = dice.between(0, 5);
    DataType type = dice.pick(U8, S8);
    DataType weightType = dice.pick(U8, S8);
    TestWeights weights = new TestWeights(dice, weightType, dice.pick(Granularity.PER_TENSOR,
        Granularity.PER_CHANNEL), 0, k, n);
    boolean perRow = dice.oneIn(2);
    boolean zeroPointsGiven = dice.oneIn(2);
    float[] scales = new float[rows];
    int[] zeroPoints = new int[rows];
    for (int row = 0; row < rows; row++) {
      boolean own = row == 0 || perRow;
      scales[row] = own ? dice.scale() : scales[0];
      zeroPoints[row] = !own ? zeroPoints[0] : zeroPointsGiven ? dice.zeroPoint(type) : 0;
    }
    float fixedScale = rows == 0 ? 1 : scales[0];
    TestOutput output = TestOutput.random(dice,
        fixedScale * weights.scale(0, 0) * 3000 * dice.between(1, k));
    int[] bias = dice.oneIn(3) ? dice.ints(n, -20_000, 19_999) : null;
    boolean withFloatBias = bias == null && dice.oneIn(2)
        && (output.type() == DataType.F32 || !perRow);
    float[] floatBias = new float[n];
    for (int i = 0; i < n; i++) {
      floatBias[i] = dice.gaussian();
    }
    long xStride = (long) k + dice.between(0, 2);
    long yStride = (long) n + dice.between(0, 2);
    MemorySegment x = TestMemory.values(dice, type, rows * xStride);
    MemorySegment y = TestMemory.output(dice, rows * yStride * output.bytes());
    MatMul.Builder builder = OCTET.matMul().weights(weights.tensor(), weights.layout());
    if (perRow) {
      builder.inputPerRow(type);
    } else {
      builder.input(type, Quantization.perTensor(fixedScale, rows == 0 ? 0 : zeroPoints[0]));
    }
    if (bias != null) {
      builder.bias(bias);
    }
    if (withFloatBias) {
      builder.bias(floatBias);
    }
    switch (output.type()) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(output.type(), output.quantization());
    }
    if (output.clamped()) {
      builder.clamp(output.min(), output.max());
    }
    try (MatMul op = builder.prepare()) {
      if (perRow) {
        op.run(x, xStride, TestMemory.floats(dice, scales),
            zeroPointsGiven ? TestMemory.ints(dice, zeroPoints) : null, y, yStride, rows);
      } else {
        op.run(x, xStride, y, yStride, rows);
      }
    }
    for (int row = 0; row < rows; row++) {
      int[] centred = new int[k];
      for (int i = 0; i < k; i++) {
        centred[i] = TestMemory.get(x, type, row * xStride + i) - zeroPoints[row];
      }
      for (int column = 0; column < n; column++) {
        long accumulator = weights.accumulate(centred, 0, k, column);
        Float last = null;
        if (bias != null) {
          accumulator += bias[column];
        } else if (withFloatBias && output.type() == DataType.F32) {
          last = floatBias[column];
        } else if (withFloatBias) {
          float step = Exact.product(scales[row], weights.scale(0, column));
          accumulator += Exact.quantize(floatBias[column], step, 0, DataType.S32);
        }
        int sum = (int) accumulator;
        output.check(output.expected(sum, scales[row], perRow, weights.scale(0, column), last), y,
            row * yStride + column,
            "row " + row + ", column " + column + ", accumulator " + sum + ", " + type + " * " + weights
                + " -> "
                + output);
      }
      for (long i = n; i < yStride; i++) {
        output.checkUntouched(y, row * yStride + i, weights);
      }
    }
  }
}
