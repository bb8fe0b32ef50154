package dev.octet.op;

import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Softmax by hand, against binary64, and every error. */
class SoftmaxTest {
  private static final long SEED = 5;
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static float[] run(float scale, float[] mask, int rows, float... x) {
    float[] y = new float[x.length];
    try (Softmax op = octet.softmax().scale(scale).prepare()) {
      MemorySegment from = MemorySegment.ofArray(x);
      MemorySegment to = MemorySegment.ofArray(y);
      if (mask == null) {
        op.run(from, to, rows, x.length / rows);
      } else {
        op.run(from, MemorySegment.ofArray(mask), to, rows, x.length / rows);
      }
    }
    return y;
  }

  @Test
  void byHand() {
    assertArrayEquals(new float[]{0.5f, 0.5f, 0.25f, 0.75f},
        run(1, null, 2, 3, 3, 0, (float) Math.log(3)), 1e-7f);
    // All terms are 1, or all but one vanish.
    assertArrayEquals(new float[]{0.25f, 0.25f, 0.25f, 0.25f}, run(1, null, 1, -0f, 0, 0, -0f));
    assertArrayEquals(new float[]{0, 1, 0}, run(1, null, 1, -200, 1e30f, Float.NEGATIVE_INFINITY));
    // The scale comes before the mask.
    assertArrayEquals(run(1, null, 1, 2, 4.5f, 1), run(0.5f, new float[]{0, 2.5f, 0}, 1, 4, 4, 2));
    assertArrayEquals(new float[]{1, 0, 0, 1},
        run(1, new float[]{0, -Float.MAX_VALUE}, 2, 5, 9, -1e38f, Float.MAX_VALUE));
  }

  @Test
  void whatIsNoNumber() {
    float nan = Float.NaN;
    assertArrayEquals(new float[]{nan, nan, 0.5f, 0.5f}, run(1, null, 2, 1, nan, 1, 1));
    assertArrayEquals(new float[]{nan, nan}, run(1, null, 1, 1, Float.POSITIVE_INFINITY));
    assertArrayEquals(new float[]{nan, nan},
        run(1, null, 1, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY));
  }

  @Test
  void nothingToDo() {
    assertArrayEquals(new float[0], run(1, null, 1));
    try (Softmax op = octet.softmax().prepare()) {
      op.run(MemorySegment.NULL, MemorySegment.NULL, 0, 7);
      op.run(MemorySegment.NULL, MemorySegment.NULL, 7, 0);
    }
  }

  @Test
  void againstBinary64() {
    Random random = new Random(SEED);
    double worst = 0;
    for (int number = 0; number < 2000; number++) {
      int columns = 1 + random.nextInt(number % 10 == 0 ? 5000 : 200);
      float range = new float[]{1, 10, 60}[number % 3];
      float[] x = new float[columns];
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < columns; i++) {
        x[i] = (random.nextFloat() - 0.5f) * range;
        most = Math.max(most, x[i]);
      }
      double sum = 0;
      for (float v : x) {
        sum += Math.exp(v - most);
      }
      float[] y = run(1, null, 1, x);
      for (int i = 0; i < columns; i++) {
        double expected = Math.exp(x[i] - most) / sum;
        double error = Math.abs(y[i] - expected) / expected / 0x1p-24 / (104 + columns / 64.0);
        worst = Math.max(worst, error);
      }
    }
    double found = worst;
    System.out.println("softmax against binary64: at most " + found + " of the bound, seed " + SEED);
    assertTrue(worst <= 1, () -> found + " of the bound");
  }

  @Test
  void errors() {
    illegalArgument("scale: expected a finite number, got NaN", () -> octet.softmax().scale(Float.NaN));
    illegalArgument("scale: expected a finite number, got Infinity",
        () -> octet.softmax().scale(Float.POSITIVE_INFINITY));
    MemorySegment six = MemorySegment.ofArray(new float[6]);
    MemorySegment other = MemorySegment.ofArray(new float[6]);
    Softmax op = octet.softmax().prepare();
    illegalArgument("rows: expected >= 0, got -1", () -> op.run(six, other, -1, 3));
    illegalArgument("columns: expected >= 0, got -3", () -> op.run(six, other, 1, -3));
    illegalArgument("x: expected at least 28 bytes, got 24", () -> op.run(six, other, 1, 7));
    illegalArgument("y: expected at least 24 bytes, got 20", () -> op.run(six, other.asSlice(4), 2, 3));
    illegalArgument("y: the segment is read-only", () -> op.run(six, other.asReadOnly(), 2, 3));
    illegalArgument("mask: expected at least 12 bytes, got 8",
        () -> op.run(six, other.asSlice(16), other, 2, 3));
    illegalArgument("y: expected memory of its own, but it overlaps mask",
        () -> op.run(six, other, other, 2, 3));
    illegalArgument("x: size 4611686018427387904 x 4 overflows 64 bits",
        () -> op.run(six, other, 1L << 32, 1 << 30));
    MemorySegment both = MemorySegment.ofArray(new float[7]);
    illegalArgument(
        "y: expected the same memory as x or memory of its own, but it overlaps x in part",
        () -> op.run(both.asSlice(0, 24), both.asSlice(4, 24), 2, 3));
    op.close();
    assertThrows(IllegalStateException.class, () -> op.run(six, other, 2, 3));
  }

  @Test
  void inPlace() {
    float[] x = {1, 2, 3, 4};
    try (Softmax op = octet.softmax().prepare()) {
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(x), 2, 2);
    }
    assertArrayEquals(run(1, null, 2, 1, 2, 3, 4), x);
    assertEquals(1, MemorySegment.ofArray(x).get(ValueLayout.JAVA_FLOAT, 0) + x[1], 1e-6);
  }
}
