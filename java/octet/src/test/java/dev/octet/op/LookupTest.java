package dev.octet.op;

import static dev.octet.DataType.S32;
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
import dev.octet.Quantization;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables: activations and 8-bit requantization, by hand, against exact arithmetic, and every error. */
class LookupTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(Lookup made, DataType type, int... x) {
    MemorySegment y = TestMemory.odd(x.length);
    try (Lookup op = made) {
      op.run(TestMemory.bytes(x), y, x.length);
    }
    return TestMemory.integers(type, y, x.length);
  }

  @Test
  void looksUpByHand() {
    // 0.5 * (q - 100): -50, -0.5, 0, 0.5, 1.5, 77.5; relu, / 1 + 3: 0.5 -> 0, 1.5 -> 2, 77.5 -> 78
    assertArrayEquals(new int[]{3, 3, 3, 3, 5, 81},
        run(octet.lookup(U8, perTensor(0.5f, 100), U8, perTensor(1, 3), Activation.RELU), U8, 0, 99, 100, 101,
            103, 255));
    // x^2 / 4 saturates: 100 / 4 = 25, 81 / 4 = 20.25, 6.25 and 128^2 / 4
    assertArrayEquals(new int[]{25, 20, 6, 127},
        run(octet.lookup(S8, perTensor(1), S8, perTensor(4), x -> x * x), S8, -10, 9, 5, -128));
    // sigmoid(0) = 1/2 -> 128 of 256; sigmoid(-12) = 6.1e-6 -> 0.0016; sigmoid(12) -> 255.998 -> saturated
    assertArrayEquals(new int[]{128, 0, 255}, run(
        octet.lookup(S8, perTensor(0.1f), U8, perTensor(1 / 256f), Activation.SIGMOID), U8, 0, -120, 120));
  }

  @Test
  void whatIsNoNumberIsTheSmallest() {
    DoubleUnaryOperator odd = x -> x < 0 ? Double.NaN : x == 0 ? Double.NEGATIVE_INFINITY : 1 / 0.0;
    assertArrayEquals(new int[]{-128, -128, 127},
        run(octet.lookup(S8, perTensor(1), S8, perTensor(1, 5), odd), S8, -1, 0, 1));
    assertArrayEquals(new int[]{0, 0, 255},
        run(octet.lookup(S8, perTensor(1), U8, perTensor(1, 5), odd), U8, -1, 0, 1));
  }

  @Test
  void tablesAreOfBinary64AndRequantizationOfBinary32() {
    // 5 * 0.1f = 0.500000007, which binary32 makes 0.5
    assertArrayEquals(new int[]{1},
        run(octet.lookup(S8, perTensor(0.1f), S8, perTensor(1), x -> x), S8, 5));
    assertArrayEquals(new int[]{0}, run(octet.requantize(S8, perTensor(0.1f), S8, perTensor(1)), S8, 5));
  }

  @ParameterizedTest
  @EnumSource
  void equalsTheDefinitionForEveryByte(Activation activation) {
    DataType[] types = {U8, S8};
    long seed = activation.name().hashCode();
    Random random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      DataType from = types[random.nextInt(2)];
      DataType to = types[random.nextInt(2)];
      float sx = random.nextBoolean() ? 0.0625f : random.nextFloat(0.01f, 0.2f);
      float sy = random.nextBoolean() ? 0.125f : random.nextFloat(0.005f, 0.2f);
      int zx = Exact.zeroPoint(random, from);
      int zy = Exact.zeroPoint(random, to);
      int[] x = TestMemory.all(from);
      int[] y = run(octet.lookup(from, perTensor(sx, zx), to, perTensor(sy, zy), activation), to, x);
      for (int i = 0; i < 256; i++) {
        BigDecimal real = new BigDecimal(sx).multiply(BigDecimal.valueOf(x[i] - zx));
        // A quotient rounded to binary64 is a tie only where the exact one is or is 2^-53 beside it.
        double quotient = new BigDecimal(activation.applyAsDouble(real.doubleValue()))
            .divide(new BigDecimal(sy), MathContext.DECIMAL128).doubleValue();
        int expected = new BigDecimal(quotient).setScale(0, RoundingMode.HALF_EVEN)
            .add(BigDecimal.valueOf(zy)).max(BigDecimal.valueOf(to.min())).min(BigDecimal.valueOf(to.max()))
            .intValueExact();
        assertEquals(expected, y[i], "seed " + seed + ", round " + round + ": " + activation + " of " + x[i]);
      }
    }
  }

  @Test
  void requantizesAsDequantizeThenQuantize() {
    DataType[] types = {U8, S8};
    long seed = 404;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      DataType from = types[random.nextInt(2)];
      DataType to = types[random.nextInt(2)];
      float sx = Exact.scale(random);
      float sy = random.nextBoolean() ? sx * 2 : Exact.scale(random);
      int zx = Exact.zeroPoint(random, from);
      int zy = Exact.zeroPoint(random, to);
      int[] x = TestMemory.all(from);
      int[] y = run(octet.requantize(from, perTensor(sx, zx), to, perTensor(sy, zy)), to, x);
      for (int i = 0; i < 256; i++) {
        assertEquals(Exact.quantize(Exact.product(x[i] - zx, sx), sy, zy, to), y[i],
            "seed " + seed + ", round " + round + ": " + x[i]);
      }
    }
  }

  @Test
  void worksInPlace() {
    MemorySegment x = TestMemory.bytes(-3, 2, 5);
    try (Lookup op = octet.lookup(S8, perTensor(1), S8, perTensor(1), Activation.RELU)) {
      op.run(x, x, 3);
      assertEquals("scalar:lookup", op.kernel());
      assertEquals(256, op.packedBytes());
    }
    assertArrayEquals(new int[]{0, 2, 5}, TestMemory.integers(S8, x, 3));
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (Lookup op = octet.lookup(S8, perTensor(1), S8, perTensor(1), Activation.RELU)) {
      op.run(none, none, 0);
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatDoesNotFit() {
    Quantization one = perTensor(1);
    refused("input: expected U8 or S8, got S32", () -> octet.lookup(S32, one, S8, one, Activation.RELU));
    refused("output: expected U8 or S8, got S32", () -> octet.lookup(S8, one, S32, one, Activation.RELU));
    refused("input: expected U8 or S8, got S32", () -> octet.requantize(S32, one, S8, one));
    refused("output: zero point 300 (index 0) is outside the range of S8, -128 to 127",
        () -> octet.requantize(S8, one, S8, perTensor(1, 300)));
    refused("input: expected one scale per tensor, got per channel on axis 0",
        () -> octet.lookup(S8, perChannel(0, new float[]{1}), S8, one, Activation.RELU));
    MemorySegment x = TestMemory.odd(8);
    try (Lookup op = octet.lookup(S8, one, S8, one, Activation.RELU)) {
      refused("n: expected >= 0, got -1", () -> op.run(x, x, -1));
      refused("x: expected at least 9 bytes, got 8", () -> op.run(x, TestMemory.odd(9), 9));
      refused("y: expected at least 8 bytes, got 7", () -> op.run(x, TestMemory.odd(7), 8));
      refused("y: the segment is read-only", () -> op.run(x, x.asReadOnly(), 8));
      refused("y: expected the same memory as x or memory of its own, but it overlaps x in part",
          () -> op.run(x.asSlice(0, 4), x.asSlice(3, 4), 4));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Lookup op = octet.lookup(S8, perTensor(1), S8, perTensor(1), Activation.RELU);
    op.close();
    assertEquals("this lookup is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0)).getMessage());
  }
}
