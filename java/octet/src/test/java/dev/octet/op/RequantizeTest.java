package dev.octet.op;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requantize: by hand, against exact arithmetic, and every error. */
class RequantizeTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(Requantize.Builder builder, DataType type, int... x) {
    MemorySegment y = TestMemory.odd(x.length);
    try (Requantize op = builder.prepare()) {
      op.run(TestMemory.ints(x), y, x.length / op.channels());
    }
    return TestMemory.integers(type, y, x.length);
  }

  @Test
  void roundsHalfToEvenBeforeTheZeroPoint() {
    // M = 0.25 / 0.5 = 0.5: 1 -> 0.5 -> 0, 3 -> 1.5 -> 2, 39 -> 19.5 -> 20, -1 -> 0, -3 -> -2; + 7
    assertArrayEquals(new int[]{7, 9, 27, 7, 5},
        run(octet.requantize().scales(0.25f).output(U8, perTensor(0.5f, 7)), U8, 1, 3, 39, -1, -3));
  }

  @Test
  void saturatesAtBothEnds() {
    int[] extreme = {Integer.MIN_VALUE, -129, -128, 127, 128, Integer.MAX_VALUE};
    assertArrayEquals(new int[]{-128, -128, -128, 127, 127, 127},
        run(octet.requantize().scales(1).output(S8, perTensor(1)), S8, extreme));
    assertArrayEquals(new int[]{0, 0, 0, 255, 255, 255},
        run(octet.requantize().scales(1).output(U8, perTensor(1, 128)), U8, extreme));
    // zero point at an end: -128 + 255 = 127
    assertArrayEquals(new int[]{-128, -128, -128, -1, 0, 127},
        run(octet.requantize().scales(1).output(S8, perTensor(1, -128)), S8, extreme));
  }

  @Test
  void turnsTheAccumulatorIntoBinary32First() {
    // 2^24 + 1 -> 2^24, so t = 2.5 -> 2; the exact product 2.5 + 1.5e-7 is nearer to the float after 2.5,
    // which would go to 3. 2^24 + 3 -> 2^24 + 4: t is above 2.5.
    float scale = 2.5f * 0x1p-24f;
    assertArrayEquals(new int[]{2, 3},
        run(octet.requantize().scales(scale).output(S8, perTensor(1)), S8, (1 << 24) + 1, (1 << 24) + 3));
  }

  @Test
  void addsTheBiasModulo32Bits() {
    // rows of two channels with scales 1 and 2; MAX + 1 wraps to MIN
    Requantize.Builder builder = octet.requantize().scales(1, 2).bias(1, -10).output(S8, perTensor(1));
    assertArrayEquals(new int[]{-128, 10, 6, -20}, run(builder, S8, Integer.MAX_VALUE, 15, 5, 0));
    // one scale for several biases
    Requantize.Builder shared = octet.requantize().scales(3).bias(1, 2, 3).output(S8, perTensor(1));
    assertArrayEquals(new int[]{3, 6, 9, 0, 3, 6}, run(shared, S8, 0, 0, 0, -1, -1, -1));
  }

  @Test
  void clampsInRealNumbers() {
    int[] x = {-100, 0, 3, 6, 7, 100};
    // zero point 10 stands for 0; 6 / 0.5 + 10 = 22
    assertArrayEquals(new int[]{10, 10, 16, 22, 24, 127},
        run(octet.requantize().scales(1).output(S8, perTensor(0.5f, 10)).relu(), S8, x));
    assertArrayEquals(new int[]{10, 10, 16, 22, 22, 22},
        run(octet.requantize().scales(1).output(S8, perTensor(0.5f, 10)).relu6(), S8, x));
    // -1 / 0.5 + 10 = 8; 3.3 / 0.5 = 6.6 -> 7 + 10
    assertArrayEquals(new int[]{8, 10, 16, 17, 17, 17},
        run(octet.requantize().scales(1).output(S8, perTensor(0.5f, 10)).clamp(-1, 3.3f), S8, x));
  }

  @Test
  void equalsExactArithmetic() {
    long seed = 88_123;
    Random random = new Random(seed);
    for (int round = 0; round < 400; round++) {
      DataType type = random.nextBoolean() ? U8 : S8;
      int channels = random.nextInt(1, 9);
      int rows = random.nextInt(1, 9);
      float outputScale = Exact.scale(random);
      int zeroPoint = Exact.zeroPoint(random, type);
      float[] scales = new float[random.nextBoolean() ? 1 : channels];
      for (int c = 0; c < scales.length; c++) {
        // Multipliers from 2^-14 on, half of them powers of two: many exact ties.
        int exponent = random.nextInt(-14, 2);
        scales[c] = outputScale
            * (random.nextBoolean()
                ? Math.scalb(1f, exponent)
                : Math.scalb(random.nextFloat(1, 2), exponent));
      }
      int[] bias = scales.length == channels && random.nextBoolean() ? null : new int[channels];
      for (int c = 0; bias != null && c < channels; c++) {
        bias[c] = random.nextInt() >> random.nextInt(32);
      }
      int[] x = new int[rows * channels];
      int[] expected = new int[x.length];
      for (int i = 0; i < x.length; i++) {
        int c = i % channels;
        x[i] = random.nextInt() >> random.nextInt(32);
        float multiplier = Exact.quotient(scales[scales.length == 1 ? 0 : c], outputScale);
        int sum = x[i] + (bias == null ? 0 : bias[c]);
        expected[i] = Exact.integer(Exact.product(sum, multiplier), zeroPoint, type.min(), type.max());
      }
      Requantize.Builder builder = octet.requantize().scales(scales)
          .output(type, perTensor(outputScale, zeroPoint));
      if (bias != null) {
        builder.bias(bias);
      }
      assertArrayEquals(expected, run(builder, type, x), "seed " + seed + ", round " + round);
    }
  }

  @Test
  void copiesItsParameters() {
    float[] scales = {1, 1};
    int[] bias = {0, 0};
    Requantize.Builder builder = octet.requantize().scales(scales).bias(bias).output(S8, perTensor(1));
    scales[0] = 100;
    bias[1] = 100;
    assertArrayEquals(new int[]{1, 2}, run(builder, S8, 1, 2));
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (Requantize op = octet.requantize().scales(1).output(S8, perTensor(1)).prepare()) {
      op.run(none, none, 0);
      assertEquals(1, op.channels());
      assertEquals("scalar:requantize_s32_s8", op.kernel());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatABuilderCannotUse() {
    refused("scales: not given", () -> octet.requantize().output(S8, perTensor(1)).prepare());
    refused("output: not given", () -> octet.requantize().scales(1).prepare());
    refused("scales: expected at least 1, got 0", () -> octet.requantize().scales());
    refused("bias: expected at least 1, got 0", () -> octet.requantize().bias());
    for (float scale : new float[]{-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      refused("scales[1]: expected 0 or a positive finite number, got " + scale,
          () -> octet.requantize().scales(1, scale));
    }
    refused("bias: expected 2 (one for each scale), got 3",
        () -> octet.requantize().scales(1, 2).bias(1, 2, 3).output(S8, perTensor(1)).prepare());
    refused("output: expected U8 or S8, got F32", () -> octet.requantize().output(F32, perTensor(1)));
    refused("output: zero point 128 (index 0) is outside the range of S8, -128 to 127",
        () -> octet.requantize().output(S8, perTensor(1, 128)));
    refused("output: expected one scale per tensor, got per channel on axis 0",
        () -> octet.requantize().output(S8, perChannel(0, new float[]{1})));
    refused("clamp: expected min <= max, got 2.0 and 1.0", () -> octet.requantize().clamp(2, 1));
    refused("clamp: expected min <= max, got NaN and 1.0", () -> octet.requantize().clamp(Float.NaN, 1));
  }

  @Test
  void refusesMemoryThatDoesNotFit() {
    MemorySegment x = TestMemory.ints(1, 2, 3, 4);
    MemorySegment y = TestMemory.odd(4);
    try (Requantize op = octet.requantize().scales(1, 2).output(S8, perTensor(1)).prepare()) {
      refused("rows: expected >= 0, got -1", () -> op.run(x, y, -1));
      refused("x: expected at least 24 bytes, got 16", () -> op.run(x, TestMemory.odd(6), 3));
      refused("y: expected at least 4 bytes, got 3", () -> op.run(x, y.asSlice(1), 2));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 2));
      refused("y: size 4611686018427387904 x 2 overflows 64 bits", () -> op.run(x, y, 1L << 62));
      refused("x: size 4611686018427387904 x 4 overflows 64 bits", () -> op.run(x, y, 1L << 61));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(x, x, 2));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Requantize op = octet.requantize().scales(1).output(S8, perTensor(1)).prepare();
    op.close();
    assertEquals("this requantize is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0)).getMessage());
  }
}
