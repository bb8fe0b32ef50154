package dev.octet.op;

import static dev.octet.CoordinateMode.ALIGN_CORNERS;
import static dev.octet.CoordinateMode.ASYMMETRIC;
import static dev.octet.CoordinateMode.HALF_PIXEL;
import static dev.octet.CoordinateMode.PYTORCH_HALF_PIXEL;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.NearestMode.CEIL;
import static dev.octet.NearestMode.FLOOR;
import static dev.octet.NearestMode.ROUND_PREFER_CEIL;
import static dev.octet.NearestMode.ROUND_PREFER_FLOOR;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Resized images: by hand, formulas told apart from others, and every error. */
class ResizeTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(Resize.Builder builder, DataType type, int batch, int height, int width,
      int channels, int... x) {
    try (Resize op = builder.input(type).prepare()) {
      int count = (int) op.outputShape(Shape.of(batch, height, width, channels)).elements();
      MemorySegment y = TestMemory.odd(count);
      op.run(TestMemory.bytes(x), y, batch, height, width, channels);
      return TestMemory.integers(type, y, count);
    }
  }

  /** One row of one channel. */
  private static int[] row(UnaryOperator<Resize.Builder> settings, DataType type, int... x) {
    return run(settings.apply(octet.resize()), type, 1, 1, x.length, 1, x);
  }

  @Test
  void nearestByHand() {
    // twice as large: pixels of two channels, two images
    assertArrayEquals(new int[]{1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4, //
        5, 6, 5, 6, 7, 8, 7, 8, 5, 6, 5, 6, 7, 8, 7, 8},
        run(octet.resize().outputFactors(2, 2).nearest(FLOOR).coordinates(ASYMMETRIC), S8, 2, 1, 2, 2, 1, 2,
            3, 4, 5, 6, 7, 8));
    // rows alone
    assertArrayEquals(new int[]{1, 2, 5, 6},
        run(octet.resize().outputSize(2, 2).nearest(FLOOR).coordinates(ASYMMETRIC), U8, 1, 4, 2, 1, 1, 2, 3,
            4, 5, 6, 7, 8));
    assertArrayEquals(new int[0], run(octet.resize().outputSize(3, 3).nearest(FLOOR), U8, 0, 1, 1, 1));
    assertArrayEquals(new int[0], run(octet.resize().outputSize(3, 3).nearest(FLOOR), U8, 1, 1, 1, 0));
  }

  /** Four pixels from eight lie at 0.5, 2.5, 4.5 and 6.5: every one is a tie. */
  @Test
  void nearestModesOnTies() {
    int[] x = {0, 10, 20, 30, 40, 50, 60, 70};
    assertArrayEquals(new int[]{0, 20, 40, 60}, row(by -> by.outputSize(1, 4).nearest(FLOOR), U8, x));
    assertArrayEquals(new int[]{10, 30, 50, 70}, row(by -> by.outputSize(1, 4).nearest(CEIL), U8, x));
    assertArrayEquals(new int[]{0, 20, 40, 60},
        row(by -> by.outputSize(1, 4).nearest(ROUND_PREFER_FLOOR), U8, x));
    assertArrayEquals(new int[]{10, 30, 50, 70},
        row(by -> by.outputSize(1, 4).nearest(ROUND_PREFER_CEIL), U8, x));
  }

  /** Half even would give the pixels 0, 2, 2 and 4 of ties at 0.5, 1.5, 2.5 and 3.5. */
  @Test
  void tiesAreNotRoundedToEven() {
    UnaryOperator<Resize.Builder> twice = by -> by.outputFactors(1, 2).coordinates(ASYMMETRIC);
    assertArrayEquals(new int[]{0, 0, 10, 10, 20, 20, 30, 30, 40, 40},
        row(by -> twice.apply(by).nearest(ROUND_PREFER_FLOOR), U8, 0, 10, 20, 30, 40));
    assertArrayEquals(new int[]{0, 10, 10, 20, 20, 30, 30, 40, 40, 40},
        row(by -> twice.apply(by).nearest(ROUND_PREFER_CEIL), U8, 0, 10, 20, 30, 40));
  }

  /**
   * 19.5 / 1.3 - 0.5 is 14.5, in binary32 14.500001; 35 / 4.666... is 7.5, in binary32 7.5000005: a tie, as
   * in ONNX Runtime. 24.500002 is none.
   */
  @Test
  void almostATieIsOne() {
    int[] x = new int[30];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    assertEquals(14, row(by -> by.outputFactors(1, 1.3f).nearest(ROUND_PREFER_FLOOR), U8, x)[19]);
    assertEquals(7, row(by -> by.outputFactors(1, 280f / 60f).nearest(ROUND_PREFER_FLOOR)
        .coordinates(ASYMMETRIC), U8, x)[35]);
    assertEquals(25, row(by -> by.outputFactors(1, 4.7f).nearest(ROUND_PREFER_FLOOR), U8, x)[117]);
  }

  /** Three pixels to seven, where no two formulas give the same. */
  @Test
  void coordinates() {
    UnaryOperator<Resize.Builder> linear = by -> by.outputSize(1, 7).linear();
    assertArrayEquals(new int[]{0, 14, 57, 100, 142, 185, 200},
        row(by -> linear.apply(by).coordinates(HALF_PIXEL), U8, 0, 100, 200));
    assertArrayEquals(new int[]{0, 42, 85, 128, 171, 200, 200},
        row(by -> linear.apply(by).coordinates(ASYMMETRIC), U8, 0, 100, 200));
    assertArrayEquals(new int[]{0, 33, 66, 100, 133, 166, 200},
        row(by -> linear.apply(by).coordinates(ALIGN_CORNERS), U8, 0, 100, 200));
    assertArrayEquals(new int[]{0, 14, 57, 100, 142, 185, 200},
        row(by -> linear.apply(by).coordinates(PYTORCH_HALF_PIXEL), U8, 0, 100, 200));
  }

  @Test
  void aLonePixelIsTheFirstOneOrTheMiddle() {
    UnaryOperator<Resize.Builder> one = by -> by.outputSize(1, 1).linear();
    assertArrayEquals(new int[]{150}, row(one, U8, 0, 100, 200, 50));
    for (CoordinateMode mode : List.of(ASYMMETRIC, ALIGN_CORNERS, PYTORCH_HALF_PIXEL)) {
      assertArrayEquals(new int[]{7}, row(by -> one.apply(by).coordinates(mode), U8, 7, 100, 200, 50));
    }
  }

  /** 63.75: rounding would give 64. -31.75: rounding or a floor would give -32. */
  @Test
  void linearIsCutOffTowardsZero() {
    assertArrayEquals(new int[]{0, 63, 191, 255}, row(by -> by.outputFactors(1, 2).linear(), U8, 0, 255));
    assertArrayEquals(new int[]{0, -31, -95, -127}, row(by -> by.outputFactors(1, 2).linear(), S8, 0, -127));
  }

  /** The weights of some pixels add up to less than 1 in binary32: 254.99998 is 254, as in ONNX Runtime. */
  @Test
  void whiteMayLoseOne() {
    assertEquals(254,
        run(octet.resize().outputFactors(3, 3).linear(), U8, 1, 2, 2, 1, 255, 255, 255, 255)[14]);
  }

  @Test
  void linearOfRowsAndColumns() {
    // at 0.25 and 0.75 on both axes: 0.75 * 0.75 * 10 + 0.25 * 0.75 * 50 + 0.75 * 0.25 * 90 + 0.0625 * 250
    assertArrayEquals(
        new int[]{10, 20, 40, 50, 30, 47, 82, 100, 70, 102, 167, 200, 90, 130, 210, 250},
        run(octet.resize().outputFactors(2, 2).linear(), U8, 1, 2, 2, 1, 10, 50, 90, 250));
  }

  /**
   * A factor is the scale, not the quotient of the sizes: five pixels by 1.5 are seven, not seven and a half.
   */
  @Test
  void aFactorIsNotTheQuotientOfTheSizes() {
    int[] x = {0, 50, 100, 150, 200};
    assertArrayEquals(new int[]{0, 33, 66, 100, 133, 166, 200},
        row(by -> by.outputFactors(1, 1.5f).linear().coordinates(ASYMMETRIC), U8, x));
    assertArrayEquals(new int[]{0, 35, 71, 107, 142, 178, 200},
        row(by -> by.outputSize(1, 7).linear().coordinates(ASYMMETRIC), U8, x));
  }

  /** By 1.2, four pixels stay four: ONNX Runtime copies them; by the formula, the last one lay at 2.5. */
  @Test
  void whatKeepsItsSizeIsCopied() {
    assertArrayEquals(new int[]{3, 90, -7, 40},
        row(by -> by.outputFactors(1, 1.2f).linear().coordinates(ASYMMETRIC), S8, 3, 90, -7, 40));
    assertArrayEquals(new int[]{3, 90, -7, 40},
        row(by -> by.outputFactors(1, 1.2f).nearest(ROUND_PREFER_FLOOR), S8, 3, 90, -7, 40));
    // Rows get more: columns follow their formula.
    assertArrayEquals(new int[]{0, 100, 200, 0, 100, 200},
        run(octet.resize().outputFactors(2, 1).nearest(FLOOR).coordinates(ASYMMETRIC), U8, 1, 1, 3, 1, 0, 100,
            200));
    assertArrayEquals(new int[]{0, 0, 100, 200, 0, 0, 100, 200},
        run(octet.resize().outputFactors(2, 1.2f).nearest(FLOOR).coordinates(ASYMMETRIC), U8, 1, 1, 4, 1, 0,
            100, 200, 250));
  }

  /** 0.6 is more than three fifths in binary32; its product with 5 is 3, but that of 0.7 and 10 is 7. */
  @Test
  void sizesByFactors() {
    try (Resize op = octet.resize().input(U8).outputFactors(0.6f, 0.7f).linear().prepare()) {
      assertEquals(Shape.of(2, 3, 7, 3), op.outputShape(Shape.of(2, 5, 10, 3)));
      assertEquals("scalar:linear_resize_u8", op.kernel());
      refused("input: expected [batch, height, width, channels], got [2, 3]",
          () -> op.outputShape(Shape.of(2, 3)));
    }
    try (Resize op = octet.resize().input(S8).outputFactors(2, 2).outputSize(4, 5).linear().nearest(CEIL)
        .prepare()) {
      assertEquals(Shape.of(2, 4, 5, 3), op.outputShape(Shape.of(2, 5, 10, 3)));
      assertEquals("scalar:nearest_resize_s8", op.kernel());
    }
    try (Resize op = octet.resize().input(S8).outputSize(4, 5).outputFactors(2, 3).nearest(CEIL).linear()
        .prepare()) {
      assertEquals(Shape.of(2, 10, 30, 3), op.outputShape(Shape.of(2, 5, 10, 3)));
      assertEquals("scalar:linear_resize_s8", op.kernel());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesToBeBuilt() {
    refused("input: not given", () -> octet.resize().outputSize(1, 1).linear().prepare());
    refused("output: not given; call outputSize(...) or outputFactors(...)",
        () -> octet.resize().input(U8).linear().prepare());
    refused("mode: not given; call linear() or nearest(...)",
        () -> octet.resize().input(U8).outputSize(1, 1).prepare());
    refused("input: expected U8 or S8, got S4", () -> octet.resize().input(S4));
    refused("output height: expected 1 to 16777216 pixels, got 0", () -> octet.resize().outputSize(0, 1));
    refused("output width: expected 1 to 16777216 pixels, got 16777217",
        () -> octet.resize().outputSize(1, 16777217));
    refused("height factor: expected a finite number above 0, got 0.0",
        () -> octet.resize().outputFactors(0, 1));
    refused("height factor: expected a finite number above 0, got NaN",
        () -> octet.resize().outputFactors(Float.NaN, 1));
    refused("width factor: expected a finite number above 0, got Infinity",
        () -> octet.resize().outputFactors(1, Float.POSITIVE_INFINITY));
    refused("width factor: expected a finite number above 0, got -2.0",
        () -> octet.resize().outputFactors(1, -2));
  }

  @Test
  void refusesToRunOnWhatDoesNotFit() {
    MemorySegment x = TestMemory.odd(18);
    MemorySegment y = TestMemory.odd(24);
    try (Resize op = octet.resize().input(U8).outputSize(4, 3).nearest(FLOOR).prepare();
        Resize small = octet.resize().input(U8).outputFactors(0.3f, 1).linear().prepare();
        Resize huge = octet.resize().input(U8).outputFactors(1, 1e30f).linear().prepare()) {
      refused("batch: expected >= 0, got -1", () -> op.run(x, y, -1, 3, 3, 2));
      refused("channels: expected >= 0, got -2", () -> op.run(x, y, 1, 3, 3, -2));
      refused("height: expected 1 to 16777216 pixels, got 0", () -> op.run(x, y, 1, 0, 3, 2));
      refused("width: expected 1 to 16777216 pixels, got 16777217",
          () -> op.run(x, y, 1, 3, 16777217, 2));
      refused("height: expected an output of 1 to 16777216, got 0 from 3 by factor 0.3",
          () -> small.run(x, y, 1, 3, 3, 2));
      refused("width: expected an output of 1 to 16777216, got 9223372036854775807 from 3 by factor 1.0E30",
          () -> huge.run(x, y, 1, 3, 3, 2));
      refused("x: size 36028797002186752 x 16777216 overflows 64 bits",
          () -> op.run(x, y, Integer.MAX_VALUE, 16777216, 16777216, 2));
      refused("x: expected at least 27 bytes, got 18", () -> op.run(x, y, 1, 3, 3, 3));
      refused("y: expected at least 24 bytes, got 23", () -> op.run(x, y.asSlice(1), 1, 3, 3, 2));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 1, 3, 3, 2));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(y, y, 1, 3, 3, 2));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Resize op = octet.resize().input(U8).outputSize(1, 1).linear().prepare();
    op.close();
    assertEquals("this resize is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0, 1, 1, 1)).getMessage());
  }
}
