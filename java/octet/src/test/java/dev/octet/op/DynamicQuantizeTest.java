package dev.octet.op;

import static dev.octet.DataType.S32;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dynamic quantize: by hand, against exact arithmetic, numbers that are none, and every error. */
class DynamicQuantizeTest {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  /** Rows quantized: integers, then scale and zero point of each row. */
  private record Result(int[] q, float[] scales, int[] zeroPoints) {}

  private static Result perRow(int rows, int columns, float... x) {
    MemorySegment y = TestMemory.odd(x.length);
    MemorySegment scales = TestMemory.odd(4L * rows);
    MemorySegment zeroPoints = TestMemory.odd(4L * rows);
    try (DynamicQuantize op = octet.dynamicQuantize().perRow().prepare()) {
      op.run(TestMemory.floats(x), y, scales, zeroPoints, rows, columns);
    }
    return new Result(TestMemory.integers(U8, y, x.length), TestMemory.reals(scales, rows),
        TestMemory.integers(S32, zeroPoints, rows));
  }

  private static void check(int[] q, float scale, int zeroPoint, float... x) {
    Result result = perRow(1, x.length, x);
    assertArrayEquals(new float[]{scale}, result.scales, Arrays.toString(x));
    assertArrayEquals(new int[]{zeroPoint}, result.zeroPoints, Arrays.toString(x));
    assertArrayEquals(q, result.q, Arrays.toString(x));
  }

  @Test
  void quantizesByHand() {
    // range -3 to 2: scale 5 / 255, zero point 3 / scale = 153; a reciprocal would make 25 of -2.5
    check(new int[]{153, 255, 0, 26, 221, 179}, 0.019607844f, 153, 0, 2, -3, -2.5f, 1.34f, 0.5f);
    // the range is widened to hold 0: 0 to 255 and -255 to 0, scale 1
    check(new int[]{255, 100, 2, 2}, 1, 0, 255, 100, 1.5f, 2.5f);
    check(new int[]{0, 155, 253}, 1, 255, -255, -100, -2.5f);
    // -1 to 509: scale 2, zero point 0.5 -> 0; 1 / 2 -> 0, 3 / 2 -> 2, 509 / 2 = 254.5 -> 254
    check(new int[]{0, 0, 2, 254}, 2, 0, -1, 1, 3, 509);
  }

  @Test
  void zerosHaveScaleOne() {
    check(new int[]{0, 0, 0}, 1, 0, 0, -0f, 0);
    // 200 * 2^-149 / 255 rounds to 2^-149: all that is left of the scale; 300 * 2^-149 / 255 too, and
    // saturates
    float tiny = Float.MIN_VALUE;
    check(new int[]{200, 7}, tiny, 0, 200 * tiny, 7 * tiny);
    check(new int[]{255, 0}, tiny, 0, 300 * tiny, 0);
    // 100 * 2^-149 / 255 underflows: a scale of 0 would stand for nothing
    check(new int[]{0, 0}, 1, 0, 100 * tiny, -3 * tiny);
  }

  @Test
  void whatIsNoNumberStaysNone() {
    for (float bad : new float[]{INF, -INF, Float.NaN}) {
      for (int at = 0; at < 3; at++) {
        float[] x = {1, -2, 3};
        x[at] = bad;
        Result result = perRow(1, 3, x);
        assertArrayEquals(new int[3], result.q);
        assertArrayEquals(new int[1], result.zeroPoints);
        for (int q : result.q) {
          assertEquals(Float.NaN, (q - result.zeroPoints[0]) * result.scales[0], "dequantized");
        }
      }
    }
    // max - min overflows
    check(new int[]{0, 0}, INF, 0, Float.MAX_VALUE, -Float.MAX_VALUE);
    // both ends
    assertEquals(INF, perRow(1, 2, INF, -INF).scales[0]);
    // a bad row does not touch its neighbours
    Result result = perRow(3, 2, 255, 1, Float.NaN, 1, -255, -1);
    assertArrayEquals(new float[]{1, Float.NaN, 1}, result.scales);
    assertArrayEquals(new int[]{0, 0, 255}, result.zeroPoints);
    assertArrayEquals(new int[]{255, 1, 0, 0, 0, 254}, result.q);
  }

  @Test
  void equalsExactArithmetic() {
    long seed = 40_917;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      int rows = random.nextInt(1, 5);
      int columns = random.nextInt(1, 40);
      float[] x = new float[rows * columns];
      for (int row = 0; row < rows; row++) {
        float spread = Exact.scale(random);
        float offset = random.nextInt(-2, 3);
        for (int i = 0; i < columns; i++) {
          x[row * columns + i] = ((float) random.nextGaussian() + offset) * spread;
        }
      }
      Result result = perRow(rows, columns, x);
      for (int row = 0; row < rows; row++) {
        float min = 0;
        float max = 0;
        for (int i = 0; i < columns; i++) {
          min = Math.min(min, x[row * columns + i]);
          max = Math.max(max, x[row * columns + i]);
        }
        String about = "seed " + seed + ", round " + round + ", row " + row + ": " + min + " to " + max;
        float scale = Exact.quotient((float) ((double) max - min), 255);
        int zeroPoint = Exact.integer(-Exact.quotient(min, scale), 0, 0, 255);
        assertEquals(scale, result.scales[row], about);
        assertEquals(zeroPoint, result.zeroPoints[row], about);
        for (int i = row * columns; i < (row + 1) * columns; i++) {
          assertEquals(Exact.quantize(x[i], scale, zeroPoint, DataType.U8), result.q[i], about + ", " + x[i]);
        }
      }
    }
  }

  @Test
  void perTensorIsOneRow() {
    Random random = new Random(5);
    float[] x = new float[6 * 7];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat(-3, 9);
    }
    Result one = perRow(1, 42, x);
    MemorySegment y = TestMemory.odd(42);
    MemorySegment scale = TestMemory.odd(4);
    MemorySegment zeroPoint = TestMemory.odd(4);
    try (DynamicQuantize op = octet.dynamicQuantize().perTensor().prepare()) {
      op.run(TestMemory.floats(x), y, scale, zeroPoint, 6, 7);
    }
    assertArrayEquals(one.q, TestMemory.integers(U8, y, 42));
    assertArrayEquals(one.scales, TestMemory.reals(scale, 1));
    assertArrayEquals(one.zeroPoints, TestMemory.integers(S32, zeroPoint, 1));
  }

  @Test
  void nothingIsAllZero() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (DynamicQuantize rows = octet.dynamicQuantize().perRow().prepare();
        DynamicQuantize tensor = octet.dynamicQuantize().perTensor().prepare()) {
      rows.run(none, none, none, none, 0, 5);
      MemorySegment scales = TestMemory.odd(8);
      MemorySegment zeroPoints = TestMemory.odd(8);
      rows.run(none, none, scales, zeroPoints, 2, 0);
      assertArrayEquals(new float[]{1, 1}, TestMemory.reals(scales, 2));
      assertArrayEquals(new int[2], TestMemory.integers(S32, zeroPoints, 2));
      scales.fill((byte) 1);
      zeroPoints.fill((byte) 1);
      tensor.run(none, none, scales, zeroPoints, 0, 5);
      assertArrayEquals(new float[]{1}, TestMemory.reals(scales, 1));
      assertArrayEquals(new int[]{0, 0x01010101}, TestMemory.integers(S32, zeroPoints, 2));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    MemorySegment x = TestMemory.odd(24);
    MemorySegment y = TestMemory.odd(6);
    MemorySegment s = TestMemory.odd(8);
    MemorySegment z = TestMemory.odd(8);
    MemorySegment all = TestMemory.odd(64);
    refused("perRow or perTensor: not given", () -> octet.dynamicQuantize().prepare());
    try (DynamicQuantize op = octet.dynamicQuantize().perRow().prepare();
        DynamicQuantize tensor = octet.dynamicQuantize().perTensor().prepare()) {
      refused("rows: expected >= 0, got -1", () -> op.run(x, y, s, z, -1, 3));
      refused("columns: expected >= 0, got -3", () -> op.run(x, y, s, z, 2, -3));
      refused("x: expected at least 36 bytes, got 24", () -> op.run(x, y, s, z, 3, 3));
      refused("y: expected at least 6 bytes, got 5", () -> op.run(x, y.asSlice(1), s, z, 2, 3));
      refused("scales: expected at least 8 bytes, got 7", () -> op.run(x, y, s.asSlice(1), z, 2, 3));
      refused("zeroPoints: expected at least 8 bytes, got 4", () -> op.run(x, y, s, z.asSlice(4), 2, 3));
      refused("scales: expected at least 4 bytes, got 3", () -> tensor.run(x, y, s.asSlice(5), z, 2, 3));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), s, z, 2, 3));
      refused("scales: the segment is read-only", () -> op.run(x, y, s.asReadOnly(), z, 2, 3));
      refused("zeroPoints: the segment is read-only", () -> op.run(x, y, s, z.asReadOnly(), 2, 3));
      MemorySegment x0 = all.asSlice(0, 24);
      refused("y: expected memory of its own, but it overlaps x",
          () -> op.run(x0, all.asSlice(23, 6), s, z, 2, 3));
      refused("scales: expected memory of its own, but it overlaps x",
          () -> op.run(x0, y, all.asSlice(20, 8), z, 2, 3));
      refused("zeroPoints: expected memory of its own, but it overlaps x",
          () -> op.run(x0, y, s, all.asSlice(0, 8), 2, 3));
      MemorySegment y0 = all.asSlice(24, 6);
      refused("scales: expected memory of its own, but it overlaps y",
          () -> op.run(x0, y0, all.asSlice(29, 8), z, 2, 3));
      refused("zeroPoints: expected memory of its own, but it overlaps y",
          () -> op.run(x0, y0, s, all.asSlice(29, 8), 2, 3));
      refused("zeroPoints: expected memory of its own, but it overlaps scales",
          () -> op.run(x0, y0, all.asSlice(30, 8), all.asSlice(34, 8), 2, 3));
      op.run(x0, y0, all.asSlice(30, 8), all.asSlice(38, 8), 2, 3);
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    DynamicQuantize op = octet.dynamicQuantize().perRow().prepare();
    op.close();
    assertEquals("this dynamicQuantize is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, none, none, 0, 0)).getMessage());
  }
}
