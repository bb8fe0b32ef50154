package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
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
import dev.octet.testing.RandomCases;
import dev.octet.testing.TestMemory;
import dev.octet.testing.TestWeights;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** WeightOnlyMatMul on the scalar engine: by hand, and within the law's bound of a double reference. */
class WeightOnlyMatMulTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  @Test
  void multipliesByHand() {
    // S4 [N][K] = [1][3], groups of 32: {-8, 7, 1} minus zero point 1 = {-9, 6, 0}, times .5.
    QTensor w = QTensor.of(S4, Shape.of(1, 3), Quantization.perGroup(1, 32, new float[]{0.5f}, new int[]{1}),
        new byte[]{0x78, 0x01});
    try (WeightOnlyMatMul op = OCTET.weightOnlyMatMul().weights(w, WeightLayout.OUT_IN)
        .bias(new float[]{0.25f}).prepare()) {
      float[] y = new float[2];
      // 2 * -4.5 + 10 * 3 + .25; 1 * -4.5 + .25
      op.run(MemorySegment.ofArray(new float[]{2, 10, 99, 1, 0, 99}), MemorySegment.ofArray(y), 2);
      assertArrayEquals(new float[]{21.25f, -4.25f}, y);
      assertEquals("scalar:f32s4_f32_g32_weightonly", op.kernel());
    }
  }

  @Test
  void clampsAfterTheBias() {
    QTensor w = QTensor.of(S8, Shape.of(1, 2), Quantization.perTensor(1), new byte[]{1, -1});
    try (WeightOnlyMatMul op = OCTET.weightOnlyMatMul().weights(w, WeightLayout.IN_OUT)
        .bias(new float[]{-3, 4}).relu6().prepare()) {
      float[] y = new float[4];
      // {2 - 3, -2 + 4}, {10 - 3, -10 + 4}
      op.run(MemorySegment.ofArray(new float[]{2, 10}), MemorySegment.ofArray(y), 2);
      assertArrayEquals(new float[]{0, 2, 6, 0}, y);
    }
  }

  @Test
  void isWithinTheBoundPerTensorAndPerChannel() {
    RandomCases.run("weightOnlyMatMul against exact arithmetic", "SCALAR", 150,
        (dice, index, what) -> check(dice, S8, dice.pick(Granularity.PER_TENSOR,
            Granularity.PER_CHANNEL), 0, dice.size(65)));
  }

  @Test
  void isWithinTheBoundPerGroup() {
    RandomCases.run("weightOnlyMatMul against exact arithmetic", "SCALAR", 200, (dice, index, what) -> {
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
    float[] x = new float[(int) (rows * xStride)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (dice.gaussian() * Math.pow(10, dice.between(0, 2)));
    }
    float[] bias = new float[n];
    for (int i = 0; i < n; i++) {
      bias[i] = dice.gaussian();
    }
    MemorySegment y = TestMemory.output(dice, 4 * yStride * rows);
    try (WeightOnlyMatMul op = OCTET.weightOnlyMatMul().weights(weights.tensor(), weights.layout()).bias(bias)
        .prepare()) {
      op.run(TestMemory.floats(dice, x), xStride, y, yStride, rows);
    }
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < n; column++) {
        double sum = 0;
        double magnitude = 0;
        for (int i = 0; i < k; i++) {
          double term = (double) x[(int) (row * xStride) + i] * weights.real(i, column);
          sum += term;
          magnitude += Math.abs(term);
        }
        double bound = k * 0x1p-23 * magnitude;
        double biased = sum + bias[column];
        // the bias is one more rounding, half an ulp of the result
        double rounding = 0x1p-24 * (Math.abs(biased) + bound);
        assertEquals(biased, TestMemory.getFloat(y, row * yStride + column), bound + rounding,
            "row " + row + ", column " + column + " of " + weights);
      }
      for (long i = n; i < yStride; i++) {
        assertEquals(0xA5A5A5A5, Float.floatToRawIntBits(TestMemory.getFloat(y, row * yStride + i)),
            "between");
      }
    }
  }
}
