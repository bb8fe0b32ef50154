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

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The binary ops: by hand, against exact arithmetic, in place, and every error. */
class BinaryTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static Binary.Builder builder(BinaryOp op, DataType type, Quantization a, Quantization b,
      Quantization y) {
    return octet.binary(op).left(type, a).right(type, b).output(type, y);
  }

  private static Binary.Builder builder(DataType type, Quantization a, Quantization b, Quantization y) {
    return builder(BinaryOp.ADD, type, a, b, y);
  }

  private static int[] run(Binary.Builder builder, DataType type, int[] a, int[] b) {
    MemorySegment y = TestMemory.odd(a.length);
    try (Binary op = builder.prepare()) {
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
    Binary.Builder u8 = builder(U8, perTensor(0.5f, 1), perTensor(0.25f, 2), perTensor(2, 3));
    assertArrayEquals(new int[]{4, 6, 98, 3}, run(u8, U8, new int[]{5, 9, 255, 1}, new int[]{6, 6, 255, 2}));
    // both ends: 127 + 127 saturates, -128 - 128 too, 127 - 128 = -1
    Binary.Builder s8 = builder(S8, perTensor(1), perTensor(1), perTensor(1));
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

  @Test
  void subtractsByHand() {
    // 0.5 * (a - 1) - 0.25 * (b - 2) = 2 * (y - 3):
    // 0.5 * 4 - 0.25 * 4 = 1 -> 0.5 + 3 = 3.5 -> 4; rounded before the zero point: 0 + 3 = 3
    // 0.5 * 254 - 0 = 127 -> 63.5 + 3 = 66.5 -> 66; 0 - 0.25 * 253 = -63.25 saturates
    Binary.Builder u8 = builder(BinaryOp.SUBTRACT, U8, perTensor(0.5f, 1), perTensor(0.25f, 2),
        perTensor(2, 3));
    assertArrayEquals(new int[]{4, 66, 0, 3}, run(u8, U8, new int[]{5, 255, 1, 1}, new int[]{6, 2, 255, 2}));
  }

  @Test
  void multipliesByHand() {
    // 0.5 * (a - 1) * 0.25 * (b - 2) = 2 * (y - 3), 1 / 16 for each:
    // 4 * 10 / 16 = 2.5 + 3 = 5.5 -> 6; rounded before the zero point: 2 + 3 = 5
    // 4 * 6 / 16 = 1.5 + 3 = 4.5 -> 4; 254 * 253 / 16 saturates; -1 * 253 / 16 = -15.8 too; -1 * -2 / 16 -> 3
    Binary.Builder u8 = builder(BinaryOp.MULTIPLY, U8, perTensor(0.5f, 1), perTensor(0.25f, 2),
        perTensor(2, 3));
    assertArrayEquals(new int[]{6, 4, 255, 0, 3},
        run(u8, U8, new int[]{5, 5, 255, 0, 0}, new int[]{12, 8, 255, 255, 0}));
    Binary.Builder s8 = builder(BinaryOp.MULTIPLY, S8, perTensor(1), perTensor(1), perTensor(256, -1));
    // 127 * 127 / 256 = 63.004 - 1; 127 * -128 / 256 = -63.5 - 1 = -64.5 -> -64; -128 * -128 / 256 = 64 - 1
    assertArrayEquals(new int[]{62, -64, 63},
        run(s8, S8, new int[]{127, 127, -128}, new int[]{127, -128, -128}));
  }

  @Test
  void choosesByHand() {
    int[] a = {5, 5, 0, 255};
    int[] b = {6, 12, 6, 2};
    // 0.5 * (a - 1) is 2, 2, -0.5, 127; 0.25 * (b - 2) is 1, 2.5, 1, 0; y = x / 1 + 3, rounded before the 3
    Quantization left = perTensor(0.5f, 1);
    Quantization right = perTensor(0.25f, 2);
    assertArrayEquals(new int[]{5, 5, 4, 130},
        run(builder(BinaryOp.MAXIMUM, U8, left, right, perTensor(1, 3)), U8, a, b));
    assertArrayEquals(new int[]{4, 5, 3, 3},
        run(builder(BinaryOp.MINIMUM, U8, left, right, perTensor(1, 3)), U8, a, b));
  }

  @Test
  void dividesByHand() {
    // 0.5 * (a - 1) / (0.25 * (b - 2)) = 0.5 * (y - 3):
    // 2 / 1 -> 4 + 3; 2.5 / 2 -> 2.5 -> 2 + 3; -0.5 / 0.25 -> -4 + 3 saturates; 2 / -0.5 too
    Binary.Builder u8 = builder(BinaryOp.DIVIDE, U8, perTensor(0.5f, 1), perTensor(0.25f, 2),
        perTensor(0.5f, 3));
    assertArrayEquals(new int[]{7, 5, 0, 0}, run(u8, U8, new int[]{5, 6, 0, 5}, new int[]{6, 10, 3, 0}));
    // x / 0 by the sign of x, 0 / 0 the least, 0 / x
    int[] a = {9, -1, 3, 3};
    int[] b = {2, 2, 2, 1};
    Binary.Builder s8 = builder(BinaryOp.DIVIDE, S8, perTensor(0.5f, 3), perTensor(0.25f, 2),
        perTensor(0.5f, 7));
    assertArrayEquals(new int[]{127, -128, -128, 7}, run(s8, S8, a, b));
    assertArrayEquals(new int[]{9, 5, 5, 7}, run(s8.clamp(-1, 1), S8, a, b));
  }

  /** Scales and zero points of one op. */
  private record Parameters(BinaryOp op, DataType type, float sa, int za, float sb, int zb, float sy,
      int zy) {
    float ra() {
      return Exact.quotient(sa, sy);
    }

    float rb() {
      float quotient = Exact.quotient(sb, sy);
      return op == BinaryOp.SUBTRACT ? -quotient : quotient;
    }

    float multiplier() {
      return Exact.quotient(Exact.product(sa, sb), sy);
    }

    int integer(float t) {
      return Exact.integer(t, 0, type.min(), type.max());
    }

    int after(float t) {
      return Exact.integer(t, zy, type.min(), type.max());
    }

    /** The law, exactly; rounded to binary32 where it says so. */
    int law(int a, int b) {
      float x = Exact.product(a - za, sa);
      float y = Exact.product(b - zb, sb);
      return switch (op) {
        case ADD, SUBTRACT -> {
          float fixed = (float) ((double) zy - Exact.fma(ra(), za, Exact.product(rb(), zb)));
          yield integer(Exact.fma(ra(), a, Exact.fma(rb(), b, fixed)));
        }
        case MULTIPLY -> integer(Exact.sum(Exact.product((a - za) * (b - zb), multiplier()), zy));
        case MAXIMUM -> after(Exact.quotient(Math.max(x, y), sy));
        case MINIMUM -> after(Exact.quotient(Math.min(x, y), sy));
        case DIVIDE -> quotient(a, b);
      };
    }

    /** In real numbers: binary64 is so near them that no tie of these scales is lost or made. */
    private int quotient(int a, int b) {
      if (b == zb) {
        return a > za ? type.max() : type.min();
      }
      BigDecimal divisor = new BigDecimal(b - zb).multiply(new BigDecimal(sb)).multiply(new BigDecimal(sy));
      BigDecimal real = new BigDecimal(a - za).multiply(new BigDecimal(sa)).divide(divisor,
          new MathContext(40));
      return real.setScale(0, RoundingMode.HALF_EVEN).add(BigDecimal.valueOf(zy))
          .max(BigDecimal.valueOf(type.min())).min(BigDecimal.valueOf(type.max())).intValueExact();
    }

    /** What somebody else might compute; each is the law but for one thing. */
    int[] otherFormulas(int a, int b) {
      float fixed = zy - Math.fma(ra(), za, rb() * zb);
      float unfused = zy - (ra() * za + rb() * zb);
      float swapped = zy - Math.fma(rb(), zb, ra() * za);
      float noZeroPoint = -Math.fma(ra(), za, rb() * zb);
      int product = (a - za) * (b - zb);
      float x = (a - za) * sa;
      float y = (b - zb) * sb;
      return switch (op) {
        case ADD, SUBTRACT -> new int[]{
            integer(ra() * a + (rb() * b + fixed)),
            integer(Math.fma(rb(), b, Math.fma(ra(), a, fixed))),
            integer(Math.fma(ra(), a, Math.fma(rb(), b, unfused))),
            integer(Math.fma(ra(), a, Math.fma(rb(), b, swapped))),
            after(Math.fma(ra(), a, Math.fma(rb(), b, noZeroPoint))),
            integer(ra() * (a - za) + rb() * (b - zb) + zy),
            Exact.quantize(op == BinaryOp.ADD ? x + y : x - y, sy, zy, type)};
        case MULTIPLY -> new int[]{
            integer(Math.fma(product, multiplier(), zy)),
            after(product * multiplier()),
            integer(product * (sa * (sb / sy)) + zy),
            integer(product * (float) ((double) sa * sb / sy) + zy),
            Exact.quantize(x * y, sy, zy, type)};
        case MAXIMUM -> new int[]{
            integer(Math.max(x, y) / sy + zy),
            after(Math.max(x, y) * (1 / sy)),
            after(Math.max((a - za) * (sa / sy), (b - zb) * (sb / sy)))};
        case MINIMUM -> new int[]{
            integer(Math.min(x, y) / sy + zy),
            after(Math.min(x, y) * (1 / sy)),
            after(Math.min((a - za) * (sa / sy), (b - zb) * (sb / sy)))};
        case DIVIDE -> new int[]{
            after(x / y / sy),
            after((float) (a - za) / (b - zb) * (sa / sb / sy)),
            (int) Math.clamp(Math.rint((a - za) * (double) sa / ((b - zb) * (double) sb) / sy + zy),
                type.min(), type.max())};
      };
    }
  }

  private static Parameters random(BinaryOp op, Random random) {
    DataType type = random.nextBoolean() ? U8 : S8;
    float unit = random.nextFloat(0.001f, 0.1f);
    // Scales in small ratios whose quotients are no binary fractions: many results are ties in real numbers,
    // and how they fall is decided by every single rounding.
    boolean ties = random.nextInt(4) > 0;
    float sa = ties ? unit * random.nextInt(1, 8) : random.nextFloat(0.001f, 1);
    float sb = ties ? unit * random.nextInt(1, 8) : random.nextFloat(0.001f, 1);
    float sy = ties ? unit * 2 * random.nextInt(1, 8) : random.nextFloat(0.001f, 2);
    if (op == BinaryOp.MULTIPLY) {
      sy = ties ? sa * sb * (2 * random.nextInt(1, 80)) : sa * sb * random.nextFloat(1, 200);
    } else if (op == BinaryOp.DIVIDE) {
      sy = ties ? sa / sb / (2 << random.nextInt(4)) : sa / sb * random.nextFloat(0.001f, 0.2f);
    }
    return new Parameters(op, type, sa, Exact.zeroPoint(random, type), sb, Exact.zeroPoint(random, type), sy,
        Exact.zeroPoint(random, type));
  }

  @ParameterizedTest
  @EnumSource(BinaryOp.class)
  void equalsExactArithmeticAndNoOtherFormula(BinaryOp op) {
    long seed = 61_407;
    Random random = new Random(seed);
    int[] toldApart = new int[random(op, new Random()).otherFormulas(0, 1).length];
    for (int round = 0; round < 400; round++) {
      Parameters p = random(op, random);
      int[] a = random.ints(200, p.type.min(), p.type.max() + 1).toArray();
      int[] b = random.ints(200, p.type.min(), p.type.max() + 1).toArray();
      int[] y = run(builder(op, p.type, perTensor(p.sa, p.za), perTensor(p.sb, p.zb), perTensor(p.sy, p.zy)),
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
    Binary.Builder builder = builder(S8, perTensor(1), perTensor(2), perTensor(1));
    int[] a = {1, 2, 3};
    int[] b = {10, 20, 30};
    // a + 2 b
    int[] sum = {21, 42, 63};
    try (Binary op = builder.prepare()) {
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
    try (Binary op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare()) {
      op.run(none, none, none, 0);
      assertEquals("scalar:add_s8", op.kernel());
    }
  }

  @Test
  void eachOpHasAMethodOfItsName() throws ReflectiveOperationException {
    for (BinaryOp op : BinaryOp.values()) {
      String name = op.name().toLowerCase(Locale.ROOT);
      // FLOOR_MOD would be octet.floorMod().
      String method = Pattern.compile("_(.)").matcher(name)
          .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
      Binary.Builder builder = (Binary.Builder) Octet.class.getMethod(method).invoke(octet);
      try (Binary prepared = builder.left(S8, perTensor(1)).right(S8, perTensor(1)).output(S8, perTensor(1))
          .prepare()) {
        assertEquals("scalar:" + name + "_s8", prepared.kernel());
      }
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
    try (Binary op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare()) {
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
    Binary op = builder(S8, perTensor(1), perTensor(1), perTensor(1)).prepare();
    op.close();
    assertEquals("this add is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, none, 0)).getMessage());
  }
}
