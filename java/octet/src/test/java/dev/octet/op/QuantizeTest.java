package dev.octet.op;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perGroup;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Quantize and dequantize: by hand, against exact arithmetic, and every error. */
class QuantizeTest {
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

  private static int[] quantize(DataType type, Quantization quantization, float... x) {
    MemorySegment y = TestMemory.odd(type.bytes(x.length));
    try (Quantize op = octet.quantize().output(type, quantization).prepare()) {
      op.run(TestMemory.floats(x), y, x.length);
    }
    return TestMemory.integers(type, y, x.length);
  }

  private static float[] dequantize(DataType type, Quantization quantization, int... bytes) {
    int n = type.bits() == 4 ? 2 * bytes.length : bytes.length;
    MemorySegment y = TestMemory.odd(4L * n);
    try (Dequantize op = octet.dequantize().input(type, quantization).prepare()) {
      op.run(TestMemory.bytes(bytes), y, n);
    }
    return TestMemory.reals(y, n);
  }

  @Test
  void quantizesByHand() {
    // x / 2: 0, 1, 1.5 -> 2 (half to even), 500, -127, -500; + 128, saturated
    assertArrayEquals(new int[]{128, 129, 130, 255, 1, 0},
        quantize(U8, perTensor(2, 128), 0, 2, 3, 1000, -254, -1000));
    assertArrayEquals(new int[]{-128, 127, -128, 127, -7},
        quantize(S8, perTensor(1, -7), -122, 135, -INF, INF, 0));
  }

  @Test
  void addsTheZeroPointAfterRounding() {
    // x / 0.5: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, -0.5 -> 0, -1.5 -> -2, 19.5 -> 20; + 3.
    // Rounded after the addition, 0.5 + 3 would go to 4, 1.5 + 3 to 4 and 19.5 + 3 to 22.
    assertArrayEquals(new int[]{3, 5, 5, 3, 1, 23},
        quantize(U8, perTensor(0.5f, 3), 0.25f, 0.75f, 1.25f, -0.25f, -0.75f, 9.75f));
  }

  @Test
  void dividesAndDoesNotMultiplyByTheReciprocal() {
    // -2.5 / scale = -127.49999 -> -127; -2.5 * (1 / scale) = -127.5 -> -128 would give 25 instead of 26.
    assertArrayEquals(new int[]{153, 255, 0, 26, 221, 179},
        quantize(U8, perTensor(0.019607844f, 153), 0, 2, -3, -2.5f, 1.34f, 0.5f));
  }

  @Test
  void saturatesInfinityAndTurnsNanIntoTheSmallest() {
    float huge = Float.MAX_VALUE;
    for (DataType type : new DataType[]{U8, S8, U4, S4}) {
      for (int zeroPoint : new int[]{type.min(), type.max()}) {
        assertArrayEquals(
            new int[]{type.max(), type.min(), type.min(), type.max(), type.min(), zeroPoint, zeroPoint},
            quantize(type, perTensor(1e-30f, zeroPoint), INF, -INF, Float.NaN, huge, -huge, 0f, -0f),
            type + " " + zeroPoint);
      }
    }
  }

  @Test
  void packsTwoNibblesLowFirst() {
    MemorySegment y = TestMemory.odd(3);
    try (Quantize op = octet.quantize().output(S4, perTensor(1)).prepare()) {
      op.run(TestMemory.floats(-8, 7, -1, 3, 5), y, 5);
    }
    // -8 = 8, 7 -> 0x78; -1 = f, 3 -> 0x3f; 5 alone -> 0x05: the unused half is 0 whatever was there
    assertArrayEquals(new byte[]{0x78, 0x3f, 0x05}, y.toArray(ValueLayout.JAVA_BYTE));
    assertArrayEquals(new float[]{-8, 7, -1, 3, 5, 0}, dequantize(S4, perTensor(1), 0x78, 0x3f, 0x05));
    assertArrayEquals(new float[]{4, 3.5f, 7.5f, 1.5f}, dequantize(U4, perTensor(0.5f), 0x78, 0x3f));
  }

  @Test
  void dequantizesByHand() {
    // (0 - 128) * 2, (3 - 128) * 2, (255 - 128) * 2
    assertArrayEquals(new float[]{-256, -250, 254}, dequantize(U8, perTensor(2, 128), 0, 3, 255));
    // -128 - 127 = -255
    assertArrayEquals(new float[]{-25.5f, 0}, dequantize(S8, perTensor(0.1f, 127), -128, 127));
  }

  @Test
  void parametersPerChannelAndPerGroup() {
    float[] x = {1, 2, 3, 4, 5, 6};
    MemorySegment y = TestMemory.odd(6);
    // rows of [2][3]: divided by 1, and by 2 with zero point 10: 2, 2.5 -> 2, 3
    try (Quantize op = octet.quantize().output(U8, perChannel(0, new float[]{1, 2}, new int[]{0, 10}))
        .prepare()) {
      op.run(TestMemory.floats(x), y, Shape.of(2, 3));
    }
    assertArrayEquals(new int[]{1, 2, 3, 12, 12, 13}, TestMemory.integers(U8, y, 6));
    // columns: by 1, 2, 4: 1, 1, 0.75 -> 1; 4, 2.5 -> 2, 1.5 -> 2
    try (Quantize op = octet.quantize().output(U8, perChannel(1, new float[]{1, 2, 4})).prepare()) {
      op.run(TestMemory.floats(x), y, Shape.of(2, 3));
    }
    assertArrayEquals(new int[]{1, 1, 1, 4, 2, 2}, TestMemory.integers(U8, y, 6));
    // groups of 2 along the columns, the last of one: [2][2] scales 1, 2; 4, 8
    try (Quantize op = octet.quantize().output(U8, perGroup(1, 2, new float[]{1, 2, 4, 8})).prepare()) {
      op.run(TestMemory.floats(x), y, Shape.of(2, 3));
    }
    // 1, 2, 3/2 -> 2; 4/4, 5/4 -> 1, 6/8 -> 1
    assertArrayEquals(new int[]{1, 2, 2, 1, 1, 1}, TestMemory.integers(U8, y, 6));
  }

  /** The index of an element's parameters, from its coordinates. */
  private static int parameter(Quantization q, Shape shape, long element) {
    long[] at = new long[shape.rank()];
    long rest = element;
    for (int a = at.length - 1; a >= 0; a--) {
      at[a] = rest % shape.dim(a);
      rest /= shape.dim(a);
    }
    return switch (q.granularity()) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> (int) at[q.axis()];
      case PER_GROUP -> {
        long index = 0;
        for (int a = 0; a < at.length; a++) {
          boolean grouped = a == q.axis();
          long dim = grouped ? (shape.dim(a) + q.groupSize() - 1) / q.groupSize() : shape.dim(a);
          index = index * dim + (grouped ? at[a] / q.groupSize() : at[a]);
        }
        yield (int) index;
      }
    };
  }

  private static Quantization randomQuantization(Random random, DataType type, Shape shape) {
    int kind = shape.rank() == 0 ? 0 : random.nextInt(3);
    int axis = kind == 0 ? -1 : random.nextInt(shape.rank());
    int groupSize = random.nextInt(1, 5);
    long count = 1;
    for (int a = 0; a < shape.rank() && kind > 0; a++) {
      if (kind == 2) {
        count *= a == axis ? Math.ceilDiv(shape.dim(a), groupSize) : shape.dim(a);
      } else if (a == axis) {
        count = shape.dim(a);
      }
    }
    float[] scales = new float[(int) count];
    int[] zeroPoints = new int[scales.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Exact.scale(random);
      zeroPoints[i] = Exact.zeroPoint(random, type);
    }
    return switch (kind) {
      case 0 -> perTensor(scales[0], zeroPoints[0]);
      case 1 -> perChannel(axis, scales, zeroPoints);
      default -> perGroup(axis, groupSize, scales, zeroPoints);
    };
  }

  @Test
  void equalsExactArithmeticForEveryGranularityTypeAndRank() {
    DataType[] types = {U8, S8, U4, S4};
    long seed = 7301;
    Random random = new Random(seed);
    for (int round = 0; round < 600; round++) {
      DataType type = types[round % 4];
      long[] dims = new long[random.nextInt(5)];
      Arrays.setAll(dims, a -> random.nextInt(40) == 0 ? 0 : random.nextInt(1, 8));
      Shape shape = Shape.of(dims);
      Quantization q = randomQuantization(random, type, shape);
      int n = (int) shape.elements();
      float[] x = new float[n];
      int[] expected = new int[n];
      float[] back = new float[n];
      for (int i = 0; i < n; i++) {
        int p = parameter(q, shape, i);
        // Half of the values lie on or beside a tie, the others reach a little beyond the range.
        float tie = Exact.product(random.nextInt(-300, 300) + 0.5f, q.scale(p));
        x[i] = random.nextBoolean() ? tie : Exact.product(random.nextFloat(-300, 300), q.scale(p));
        expected[i] = Exact.quantize(x[i], q.scale(p), q.zeroPoint(p), type);
        back[i] = Exact.product(expected[i] - q.zeroPoint(p), q.scale(p));
      }
      String about = "seed " + seed + ", round " + round + ": " + type + " " + shape + " " + q;
      MemorySegment y = TestMemory.odd(type.bytes(n));
      MemorySegment z = TestMemory.odd(4L * n);
      try (Quantize op = octet.quantize().output(type, q).prepare();
          Dequantize inverse = octet.dequantize().input(type, q).prepare()) {
        op.run(TestMemory.floats(x), y, shape);
        inverse.run(y, z, shape);
      }
      assertArrayEquals(expected, TestMemory.integers(type, y, n), about);
      assertArrayEquals(back, TestMemory.reals(z, n), about);
      QTensor tensor = QTensor.of(type, shape, q, y);
      for (int i = 0; i < n; i++) {
        assertEquals(back[i], tensor.real(i), about);
      }
    }
  }

  @Test
  void dequantizesEveryIntegerWithEveryZeroPoint() {
    for (DataType type : new DataType[]{U8, S8}) {
      MemorySegment x = TestMemory.bytes(TestMemory.all(type));
      MemorySegment y = TestMemory.odd(4 * 256);
      for (int zeroPoint = type.min(); zeroPoint <= type.max(); zeroPoint++) {
        float scale = 0.1f + zeroPoint / 997f + 1;
        try (Dequantize op = octet.dequantize().input(type, perTensor(scale, zeroPoint)).prepare()) {
          op.run(x, y, 256);
        }
        float[] real = TestMemory.reals(y, 256);
        for (int i = 0; i < 256; i++) {
          assertEquals(Exact.product(type.min() + i - zeroPoint, scale), real[i]);
        }
      }
    }
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (Quantize op = octet.quantize().output(S4, perTensor(1)).prepare();
        Dequantize inverse = octet.dequantize().input(U8, perChannel(1, new float[0])).prepare()) {
      op.run(none, none, 0);
      inverse.run(none, none, Shape.of(3, 0));
    }
  }

  @Test
  void namesEngineAndKernel() {
    try (Quantize op = octet.quantize().output(S4, perTensor(1)).prepare();
        Dequantize inverse = octet.dequantize().input(U8, perTensor(1)).prepare()) {
      assertEquals(Engine.SCALAR, op.engine());
      assertEquals("scalar:quantize_s4", op.kernel());
      assertEquals("scalar:dequantize_u8", inverse.kernel());
      assertTrue(op.exact());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatABuilderCannotUse() {
    refused("output: not given", () -> octet.quantize().prepare());
    refused("input: not given", () -> octet.dequantize().prepare());
    refused("output: expected a type of 4 or 8 bits, got S32",
        () -> octet.quantize().output(S32, perTensor(1)));
    refused("input: expected a type of 4 or 8 bits, got F32",
        () -> octet.dequantize().input(F32, perTensor(1)));
    refused("output: zero point 16 (index 1) is outside the range of U4, 0 to 15",
        () -> octet.quantize().output(U4, perChannel(0, new float[]{1, 1}, new int[]{0, 16})));
    refused("input: zero point -9 (index 0) is outside the range of S4, -8 to 7",
        () -> octet.dequantize().input(S4, perTensor(1, -9)));
    for (float scale : new float[]{-1, Float.NaN, INF}) {
      refused("scales[0]: expected 0 or a positive finite number, got " + scale, () -> perTensor(scale));
    }
    refused("output: scales[1] is 0, which only fixed weights may have; expected a positive finite number",
        () -> octet.quantize().output(S8, perChannel(0, new float[]{1, 0})));
  }

  @Test
  void refusesMemoryAndShapesThatDoNotFit() {
    MemorySegment x = TestMemory.floats(1, 2, 3);
    MemorySegment y = TestMemory.odd(3);
    MemorySegment both = MemorySegment.ofArray(new byte[15]);
    try (Quantize op = octet.quantize().output(S8, perTensor(1)).prepare();
        Quantize nibbles = octet.quantize().output(S4, perTensor(1)).prepare();
        Quantize channels = octet.quantize().output(S8, perChannel(1, new float[]{1, 1})).prepare();
        Quantize groups = octet.quantize().output(S8, perGroup(0, 2, new float[]{1, 1})).prepare();
        Dequantize inverse = octet.dequantize().input(S8, perTensor(1)).prepare()) {
      refused("n: expected >= 0, got -1", () -> op.run(x, y, -1));
      refused("x: expected at least 16 bytes, got 12", () -> op.run(x, TestMemory.odd(4), 4));
      refused("y: expected at least 3 bytes, got 2", () -> op.run(x, y.asSlice(1), 3));
      refused("y: expected at least 2 bytes, got 1", () -> nibbles.run(x, y.asSlice(2), 3));
      refused("x: expected at least 4 bytes, got 3", () -> inverse.run(y, TestMemory.odd(16), 4));
      refused("y: expected at least 12 bytes, got 11", () -> inverse.run(y, TestMemory.odd(11), 3));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 3));
      refused("x: size 4611686018427387904 x 4 overflows 64 bits", () -> op.run(x, y, 1L << 62));
      refused("y: expected memory of its own, but it overlaps x",
          () -> op.run(both.asSlice(0, 12), both.asSlice(11, 3), 3));
      refused("y: expected memory of its own, but it overlaps x",
          () -> inverse.run(both.asSlice(0, 3), both.asSlice(0, 12), 3));
      refused("shape: expected 3 scales for shape [1, 3] per channel on axis 1, got 2",
          () -> channels.run(x, y, Shape.of(1, 3)));
      refused("shape: quantization axis 1 is beyond its shape [2]", () -> channels.run(x, y, Shape.of(2)));
      refused("shape: expected 1 scales for shape [2] per group of 2 along axis 0, got 2",
          () -> groups.run(x, y, Shape.of(2)));
      assertEquals("this op was prepared per channel on axis 1: run needs a shape",
          assertThrows(IllegalStateException.class, () -> channels.run(x, y, 2)).getMessage());
      // Neighbours in one array are no overlap.
      op.run(both.asSlice(0, 12), both.asSlice(12, 3), 3);
    }
  }

  @Test
  void refusesClosedThings() {
    MemorySegment x = TestMemory.floats(1);
    MemorySegment y = TestMemory.odd(1);
    Quantize op = octet.quantize().output(S8, perTensor(1)).prepare();
    MemorySegment gone;
    try (Arena arena = Arena.ofConfined()) {
      gone = arena.allocate(4);
    }
    assertEquals("x: the arena of the segment is closed",
        assertThrows(IllegalStateException.class, () -> op.run(gone, y, 1)).getMessage());
    op.close();
    op.close();
    assertEquals("this quantize is closed",
        assertThrows(IllegalStateException.class, () -> op.run(x, y, 1)).getMessage());
    Octet other = Octet.builder().engine(Engine.SCALAR).open();
    Quantize.Builder late = other.quantize().output(S8, perTensor(1));
    Quantize of = late.prepare();
    other.close();
    assertThrows(IllegalStateException.class, late::prepare);
    assertThrows(IllegalStateException.class, () -> of.run(x, y, 1));
  }
}
