package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Add: by hand, against exact arithmetic, in place, and every error. */
class AddTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static Add.Builder builder(DataType type, Quantization a, Quantization b, Quantization y) {
    return octet.add().left(type, a).right(type, b).output(type, y);
  }

  private static int[] run(Add.Builder builder, DataType type, int[] a, int[] b) {
    MemorySegment y = TestMemory.odd(a.length);
    try (Add op = builder.prepare()) {
      op.run(TestMemory.bytes(a), TestMemory.bytes(b), y, a.length);
    }
    return TestMemory.integers(type, y, a.length);
  }

  @Test
  void addsByHand() {
    // 0.5 * (a - 1) + 0.25 * (b - 2) = 2 * (y - 3):
    // 0.5 * 4 + 0.25 * 4 = 3 -> 1.5 -> fixed = 3 - (0.25 + 0.25) = 2.5; 0.25 * 5 + 0.125 * 6 + 2.5 = 4.5 -> 4
    // 0.5 * 8 + 0.25 * 4 = 5 -> 2.5 + 3 = 5.5 -> 6; rounded before the zero point: 2 + 3 = 5
    // 0.5 * 254 + 0.25 * 253 = 190.25 -> 95.125 + 3 -> 98
    Add.Builder u8 = builder(U8, perTensor(0.5f, 1), perTensor(0.25f, 2), perTensor(2, 3));
    assertArrayEquals(new int[]{4, 6, 98, 3}, run(u8, U8, new int[]{5, 9, 255, 1}, new int[]{6, 6, 255, 2}));
    // both ends: 127 + 127 saturates, -128 - 128 too, 127 - 128 = -1
    Add.Builder s8 = builder(S8, perTensor(1), perTensor(1), perTensor(1));
    assertArrayEquals(new int[]{127, -128, -1},
        run(s8, S8, new int[]{127, -128, 127}, new int[]{127, -128, -128}));
  }

  @Test
  void clampsInRealNumbers() {
    int[] a = {-100, -1, 0, 1, 5, 100};
    int[] zeros = new int[6];
    Quantization one = perTensor(1);
    Quantization half = perTensor(0.5f, 4);
    // 0 is 4; 6 is 16
    assertArrayEquals(new int[]{4, 4, 4, 6, 14, 127}, run(builder(S8, one, one, half).relu(), S8, a, zeros));
    assertArrayEquals(new int[]{4, 4, 4, 6, 14, 16}, run(builder(S8, one, one, half).relu6(), S8, a, zeros));
    assertArrayEquals(new int[]{2, 2, 4, 6, 10, 10},
        run(builder(S8, one, one, half).clamp(-1, 3), S8, a, zeros));
  }

  /** Scales and zero points of one add. */
  private record Parameters(DataType type, float sa, int za, float sb, int zb, float sy, int zy) {
    float ra() {
      return Exact.quotient(sa, sy);
    }

    float rb() {
      return Exact.quotient(sb, sy);
    }

    int integer(float t) {
      return Exact.integer(t, 0, type.min(), type.max());
    }

    /** The law, exactly; rounded to binary32 where it says so. */
    int law(int a, int b) {
      float fixed = (float) ((double) zy - Exact.fma(ra(), za, Exact.product(rb(), zb)));
      return integer(Exact.fma(ra(), a, Exact.fma(rb(), b, fixed)));
    }

    /** What somebody else might compute; each is the law but for one thing. */
    int[] otherFormulas(int a, int b) {
      float fixed = zy - Math.fma(ra(), za, rb() * zb);
      float unfused = zy - (ra() * za + rb() * zb);
      float swapped = zy - Math.fma(rb(), zb, ra() * za);
      float noZeroPoint = -Math.fma(ra(), za, rb() * zb);
      return new int[]{
          integer(ra() * a + (rb() * b + fixed)),
          integer(Math.fma(rb(), b, Math.fma(ra(), a, fixed))),
          integer(Math.fma(ra(), a, Math.fma(rb(), b, unfused))),
          integer(Math.fma(ra(), a, Math.fma(rb(), b, swapped))),
          Exact.integer(Math.fma(ra(), a, Math.fma(rb(), b, noZeroPoint)), zy, type.min(), type.max()),
          integer(ra() * (a - za) + rb() * (b - zb) + zy),
          Exact.quantize((a - za) * sa + (b - zb) * sb, sy, zy, type)};
    }
  }

  private static Parameters random(Random random) {
    DataType type = random.nextBoolean() ? U8 : S8;
    float unit = random.nextFloat(0.001f, 0.1f);
    // Scales in small ratios whose quotients are no binary fractions: many sums are ties in real numbers,
    // and how they fall is decided by every single rounding.
    boolean ties = random.nextInt(4) > 0;
    float sa = ties ? unit * random.nextInt(1, 8) : random.nextFloat(0.001f, 1);
    float sb = ties ? unit * random.nextInt(1, 8) : random.nextFloat(0.001f, 1);
    float sy = ties ? unit * 2 * random.nextInt(1, 8) : random.nextFloat(0.001f, 2);
    return new Parameters(type, sa, Exact.zeroPoint(random, type), sb, Exact.zeroPoint(random, type), sy,
        Exact.zeroPoint(random, type));
  }

  @Test
  void equalsExactArithmeticAndNoOtherFormula() {
    long seed = 61_407;
    Random random = new Random(seed);
    int[] toldApart = new int[7];
    for (int round = 0; round < 400; round++) {
      Parameters p = random(random);
      int[] a = random.ints(200, p.type.min(), p.type.max() + 1).toArray();
      int[] b = random.ints(200, p.type.min(), p.type.max() + 1).toArray();
      int[] y = run(builder(p.type, perTensor(p.sa, p.za), perTensor(p.sb, p.zb), perTensor(p.sy, p.zy)),
          p.type, a, b);
      for (int i = 0; i < y.length; i++) {
        assertEquals(p.law(a[i], b[i]), y[i],
            "seed " + seed + ", round " + round + ": " + p + "; " + a[i] + ", " + b[i]);
        int[] others = p.otherFormulas(a[i], b[i]);
        for (int f = 0; f < others.length; f++) {
          toldApart[f] += others[f] == y[i] ? 0 : 1;
        }
      }
    }
    // Else this test would show less than it seems to.
    for (int count : toldApart) {
      assertTrue(count >= 20,
          "cases of 80,000 that tell other formulas apart: " + Arrays.toString(toldApart));
    }
  }

  @Test
  void worksInPlace() {
    Add.Builder builder = builder(S8, perTensor(1), perTensor(2), perTensor(1));
    int[] a = {1, 2, 3};
    int[] b = {10, 20, 30};
    // a + 2 b
    int[] sum = {21, 42, 63};
    try (Add op = builder.prepare()) {
      MemorySegment left = TestMemory.bytes(a);
      MemorySegment right = TestMemory.bytes(b);
      op.run(left, right, left, 3);
      assertArrayEquals(sum, TestMemory.integers(S8, left, 3));
      assertArrayEquals(b, TestMemory.integers(S8, right, 3));
      left = TestMemory.bytes(a);
      op.run(left, right, right, 3);
      assertArrayEquals(sum, TestMemory.integers(S8, right, 3));
      op.run(left, left, left, 3);
      assertArrayEquals(new int[]{3, 6, 9}, TestMemory.integers(S8, left, 3));
      // operands that overlap each other, and a result right behind them
      MemorySegment all = TestMemory.bytes(1, 2, 3, 0, 0);
      op.run(all.asSlice(0, 2), all.asSlice(1, 2), all.asSlice(3, 2), 2);
      assertArrayEquals(new int[]{1, 2, 3, 5, 8}, TestMemory.integers(S8, all, 5));
      // the same addresses seen through larger segments
      op.run(all, all.asSlice(3), all.asSlice(0, 2), 2);
      assertArrayEquals(new int[]{11, 18, 3, 5, 8}, TestMemory.integers(S8, all, 5));
    }
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (Add op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare()) {
      op.run(none, none, none, 0);
      assertEquals("scalar:add_s8", op.kernel());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatABuilderCannotUse() {
    Quantization one = perTensor(1);
    refused("left: not given", () -> octet.add().right(S8, one).output(S8, one).prepare());
    refused("right: not given", () -> octet.add().left(S8, one).output(S8, one).prepare());
    refused("output: not given", () -> octet.add().left(S8, one).right(S8, one).prepare());
    refused("right: expected S8, the type of left, got U8",
        () -> octet.add().left(S8, one).right(U8, one).output(S8, one).prepare());
    refused("output: expected S8, the type of left, got U8",
        () -> octet.add().left(S8, one).right(S8, one).output(U8, one).prepare());
    refused("left: expected U8 or S8, got S4", () -> octet.add().left(S4, one));
    refused("right: expected U8 or S8, got S4", () -> octet.add().right(S4, one));
    refused("output: expected U8 or S8, got S4", () -> octet.add().output(S4, one));
    refused("right: zero point -1 (index 0) is outside the range of U8, 0 to 255",
        () -> octet.add().right(U8, perTensor(1, -1)));
    refused("left: expected one scale per tensor, got per channel on axis 0",
        () -> octet.add().left(S8, perChannel(0, new float[]{1})));
    refused("clamp: expected min <= max, got 1.0 and NaN", () -> octet.add().clamp(1, Float.NaN));
  }

  @Test
  void refusesMemoryThatDoesNotFit() {
    MemorySegment a = TestMemory.odd(4);
    MemorySegment b = TestMemory.odd(4);
    MemorySegment y = TestMemory.odd(4);
    try (Add op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare()) {
      refused("n: expected >= 0, got -4", () -> op.run(a, b, y, -4));
      refused("a: expected at least 4 bytes, got 3", () -> op.run(a.asSlice(1), b, y, 4));
      refused("b: expected at least 4 bytes, got 3", () -> op.run(a, b.asSlice(1), y, 4));
      refused("y: expected at least 4 bytes, got 3", () -> op.run(a, b, y.asSlice(1), 4));
      refused("y: the segment is read-only", () -> op.run(a, b, y.asReadOnly(), 4));
      MemorySegment all = TestMemory.odd(12);
      MemorySegment middle = all.asSlice(4, 4);
      for (long at : new long[]{1, 3, 5, 7}) {
        refused("y: expected the same memory as a or memory of its own, but it overlaps a in part",
            () -> op.run(middle, b, all.asSlice(at, 4), 4));
        refused("y: expected the same memory as b or memory of its own, but it overlaps b in part",
            () -> op.run(a, middle, all.asSlice(at, 4), 4));
      }
      // what lies behind the elements may overlap
      op.run(all.asSlice(0, 8), b, all.asSlice(4, 8), 4);
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Add op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare();
    op.close();
    assertEquals("this add is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, none, 0)).getMessage());
  }
}
