package dev.octet;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.op.Quantize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Quantizer: by hand, against naive definitions, against the quantize op, and every error. */
class QuantizerTest {
  private static int[] integers(QTensor tensor) {
    int[] q = new int[(int) tensor.shape().elements()];
    for (int i = 0; i < q.length; i++) {
      q[i] = tensor.get(i);
    }
    return q;
  }

  @Test
  void symmetricByHand() {
    // absmax 127: scale 1; 0.5 -> 0, 1.5 -> 2, -2.5 -> -2
    QTensor s8 = Quantizer.symmetric(S8).quantize(new float[]{0.5f, 1.5f, -2.5f, -127}, Shape.of(4));
    assertEquals(Quantization.perTensor(1), s8.quantization());
    assertArrayEquals(new int[]{0, 2, -2, -127}, integers(s8));
    // absmax 14: scale 2; the smallest is -7, not -8; five nibbles in three bytes, the last half 0
    QTensor s4 = Quantizer.symmetric(S4).quantize(new float[]{-14, 14, 3, 1, -5}, Shape.of(5));
    assertEquals(Quantization.perTensor(2), s4.quantization());
    // -7 = 9, 7; 1.5 -> 2, 0.5 -> 0; -2.5 -> -2 = e
    assertArrayEquals(new byte[]{0x79, 0x02, 0x0e}, s4.data().toArray(ValueLayout.JAVA_BYTE));
    assertEquals(S4, s4.type());
    assertEquals(Shape.of(5), s4.shape());
  }

  @Test
  void asymmetricByHand() {
    // -1 to 509: scale 2, zero point rint(0.5) = 0; saturated: -1 / 2 -> 0
    QTensor u8 = Quantizer.asymmetric(U8).quantize(new float[]{-1, 509, 3}, Shape.of(3));
    assertEquals(Quantization.perTensor(2, 0), u8.quantization());
    assertArrayEquals(new int[]{0, 254, 2}, integers(u8));
    // 5 to 30, widened to 0 to 30: scale 2, zero point 0
    QTensor u4 = Quantizer.asymmetric(U4).quantize(new float[]{5, 30}, Shape.of(2));
    assertEquals(Quantization.perTensor(2, 0), u4.quantization());
    assertArrayEquals(new int[]{2, 15}, integers(u4));
    // -255 to 0: scale 1, zero point -128 + 255
    QTensor s8 = Quantizer.asymmetric(S8).quantize(new float[]{-255, -100}, Shape.of(2));
    assertEquals(Quantization.perTensor(1, 127), s8.quantization());
    assertArrayEquals(new int[]{-128, 27}, integers(s8));
    // -8 to 7: scale 1, zero point 0: the full range of the type
    QTensor s4 = Quantizer.asymmetric(S4).quantize(new float[]{-8, 7, 0}, Shape.of(3));
    assertArrayEquals(new int[]{-8, 7, 0}, integers(s4));
  }

  @Test
  void channelsAndGroupsHaveParametersOfTheirOwn() {
    float[] values = {1, -254, 0, 127, 5, 0};
    QTensor columns = Quantizer.symmetric(S8).perChannel(1).quantize(values, Shape.of(2, 3));
    // the last column is all zero: scale 1
    assertEquals(Quantization.perChannel(1, new float[]{1, 2, 1}), columns.quantization());
    assertArrayEquals(new int[]{1, -127, 0, 127, 2, 0}, integers(columns));
    QTensor rows = Quantizer.symmetric(S8).perChannel(0).quantize(values, Shape.of(2, 3));
    assertEquals(Quantization.perChannel(0, new float[]{2, 1}), rows.quantization());
    assertArrayEquals(new int[]{0, -127, 0, 127, 5, 0}, integers(rows));
    QTensor groups = Quantizer.symmetric(S8).perGroup(2).alongAxis(1).quantize(values, Shape.of(2, 3));
    assertEquals(Quantization.perGroup(1, 2, new float[]{2, 1, 1, 1}), groups.quantization());
    assertArrayEquals(new int[]{0, -127, 0, 127, 5, 0}, integers(groups));
    QTensor one = Quantizer.symmetric(S8).perChannel(1).perTensor().quantize(values, Shape.of(2, 3));
    assertEquals(Quantization.perTensor(2), one.quantization());
  }

  @Test
  void allZeroAndTooSmall() {
    for (DataType type : new DataType[]{U8, S8, U4, S4}) {
      QTensor zeros = Quantizer.asymmetric(type).quantize(new float[]{0, -0f}, Shape.of(2));
      assertEquals(Quantization.perTensor(1, type.min()), zeros.quantization());
      assertEquals(0, zeros.real(1));
    }
    float tiny = Float.MIN_VALUE;
    // 60 * 2^-149 / 127 underflows
    QTensor nothing = Quantizer.symmetric(S8).quantize(new float[]{60 * tiny, -tiny}, Shape.of(2));
    assertEquals(Quantization.perTensor(1), nothing.quantization());
    assertArrayEquals(new int[2], integers(nothing));
    // 190 * 2^-149 / 127 = 1.5 * 2^-149 rounds down to 2^-149: 190 saturates, at -127 and not at -128
    QTensor rough = Quantizer.symmetric(S8).quantize(new float[]{-190 * tiny, 3 * tiny}, Shape.of(2));
    assertEquals(Quantization.perTensor(tiny), rough.quantization());
    assertArrayEquals(new int[]{-127, 3}, integers(rough));
  }

  private static Quantizer random(Random random, DataType type, boolean symmetric, int rank) {
    Quantizer quantizer = symmetric ? Quantizer.symmetric(type) : Quantizer.asymmetric(type);
    return switch (rank == 0 ? 0 : random.nextInt(3)) {
      case 0 -> quantizer;
      case 1 -> quantizer.perChannel(random.nextInt(rank));
      default -> quantizer.perGroup(random.nextInt(1, 5)).alongAxis(random.nextInt(rank));
    };
  }

  /**
   * Parameters by the law from the elements that {@link Quantization#parameterIndex} assigns to each, and
   * integers by the quantize op.
   */
  @Test
  void equalsTheLawAndTheQuantizeOp() {
    DataType[] types = {U8, S8, U4, S4};
    long seed = 2468;
    Random random = new Random(seed);
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
      for (int round = 0; round < 400; round++) {
        DataType type = types[round % 4];
        long[] dims = new long[random.nextInt(5)];
        for (int a = 0; a < dims.length; a++) {
          dims[a] = random.nextInt(30) == 0 ? 0 : random.nextInt(1, 8);
        }
        Shape shape = Shape.of(dims);
        boolean symmetric = type.isSigned() && random.nextBoolean();
        Quantizer quantizer = random(random, type, symmetric, dims.length);
        float[] values = new float[(int) shape.elements()];
        float offset = random.nextInt(-1, 2);
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextInt(20) == 0 ? 0 : (float) random.nextGaussian() + offset;
        }
        QTensor tensor = quantizer.quantize(values, shape);
        Quantization q = tensor.quantization();
        String about = "seed " + seed + ", round " + round + ": " + tensor;
        for (int p = 0; p < q.count(); p++) {
          float min = 0;
          float max = 0;
          for (int i = 0; i < values.length; i++) {
            if (q.parameterIndex(shape, i) == p) {
              min = Math.min(min, values[i]);
              max = Math.max(max, values[i]);
            }
          }
          double scale = symmetric
              ? (double) Math.max(-min, max) / type.max()
              : (double) (max - min) / (type.max() - type.min());
          assertEquals(min == max ? 1 : (float) scale, q.scale(p), about);
          int zeroPoint = symmetric ? 0 : (int) Math.rint(type.min() - min / q.scale(p));
          assertEquals(zeroPoint, q.zeroPoint(p), about);
        }
        MemorySegment y = MemorySegment.ofArray(new byte[(int) type.bytes(shape.elements())]);
        try (Quantize op = octet.quantize().output(type, q).prepare()) {
          op.run(MemorySegment.ofArray(values), y, shape);
        }
        assertEquals(-1, y.mismatch(tensor.data()), about);
      }
    }
  }

  /** Runs of equal and of consecutive parameters that are longer than what is looked at together. */
  @Test
  void longRunsEqualTheLaw() {
    long seed = 97531;
    Random random = new Random(seed);
    for (DataType type : new DataType[]{U8, S8, U4, S4}) {
      for (int axis = -1; axis < 3; axis++) {
        Shape shape = Shape.of(2, 3, random.nextInt(1, 4) * 1024 + random.nextInt(-1, 2));
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextInt(4) == 0 ? random.nextInt(-300, 300) + 0.5f : 1e4f * random.nextFloat();
        }
        int count = axis < 0 ? 1 : (int) shape.dim(axis);
        float[] scales = new float[count];
        int[] zeroPoints = new int[count];
        for (int p = 0; p < count; p++) {
          scales[p] = random.nextBoolean() ? 1 : 0.01f + random.nextFloat();
          zeroPoints[p] = random.nextInt(type.min(), type.max() + 1);
        }
        Quantization q = axis < 0
            ? Quantization.perTensor(scales[0], zeroPoints[0])
            : Quantization.perChannel(axis, scales, zeroPoints);
        QTensor tensor = Quantizer.asymmetric(type).with(q).quantize(values, shape);
        for (int i = 0; i < values.length; i++) {
          int p = q.parameterIndex(shape, i);
          double rounded = Math.rint(values[i] / scales[p]);
          assertEquals((int) Math.clamp(rounded + zeroPoints[p], type.min(), type.max()), tensor.get(i),
              "seed " + seed + ": " + tensor + ", element " + i + ": " + values[i]);
        }
        Quantizer ofRange = axis < 0
            ? Quantizer.asymmetric(type)
            : Quantizer.asymmetric(type).perChannel(axis);
        values[values.length / 2] = -2e4f;
        values[values.length - 1] = 3e4f;
        Quantization found = ofRange.quantize(values, shape).quantization();
        float[] min = new float[count];
        float[] max = new float[count];
        for (int i = 0; i < values.length; i++) {
          int p = q.parameterIndex(shape, i);
          min[p] = Math.min(min[p], values[i]);
          max[p] = Math.max(max[p], values[i]);
        }
        for (int p = 0; p < count; p++) {
          assertEquals((max[p] - min[p]) / (type.max() - type.min()), found.scale(p),
              "seed " + seed + ": " + tensor + ", parameter " + p);
        }
      }
    }
  }

  @Test
  void integersLieWhereTheCallerSays() {
    MemorySegment values = MemorySegment.ofArray(new float[]{1, 127, -3});
    QTensor tensor;
    try (Arena arena = Arena.ofConfined()) {
      tensor = Quantizer.symmetric(S8).quantize(values, Shape.of(3), arena);
      assertArrayEquals(new int[]{1, 127, -3}, integers(tensor));
      assertEquals(0, tensor.data().address() % 64);
    }
    assertThrows(IllegalStateException.class, () -> tensor.get(0));
  }

  @Test
  void errorsAreAtMostHalfAScale() {
    Random random = new Random(8);
    Shape shape = Shape.of(64, 33);
    float[] values = new float[64 * 33];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Quantizer[] quantizers = {Quantizer.symmetric(S8).perChannel(1), Quantizer.asymmetric(U8),
        Quantizer.symmetric(S4).perGroup(32).alongAxis(0),
        Quantizer.asymmetric(U4).perGroup(16).alongAxis(1)};
    for (Quantizer quantizer : quantizers) {
      QTensor tensor = quantizer.quantize(values, shape);
      for (int i = 0; i < values.length; i++) {
        float scale = tensor.quantization().scale(tensor.quantization().parameterIndex(shape, i));
        // The zero point is rounded too: at the ends of an asymmetric range the error can be a whole scale.
        float bound = tensor.quantization().isSymmetric() ? 0.5001f * scale : 1.0001f * scale;
        assertTrue(Math.abs(tensor.real(i) - values[i]) <= bound, tensor + " element " + i);
      }
    }
  }

  @Test
  void readsSegmentsAndKeepsNothing() {
    float[] values = {1, 127, -3};
    QTensor fromArray = Quantizer.symmetric(S8).quantize(values, Shape.of(3));
    MemorySegment odd = MemorySegment.ofArray(new byte[14]).asSlice(1);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, odd, 0, 12);
    QTensor fromSegment = Quantizer.symmetric(S8).quantize(odd, Shape.of(3));
    odd.fill((byte) 0);
    values[0] = 100;
    for (QTensor tensor : new QTensor[]{fromArray, fromSegment}) {
      assertArrayEquals(new int[]{1, 127, -3}, integers(tensor));
      assertTrue(tensor.data().isReadOnly());
      assertTrue(tensor.data().isNative());
      assertEquals(0, tensor.data().address() % 64);
    }
  }

  @Test
  void emptyTensors() {
    QTensor none = Quantizer.symmetric(S4).quantize(new float[0], Shape.of(3, 0));
    assertEquals(0, none.data().byteSize());
    assertEquals(0,
        Quantizer.asymmetric(U8).perChannel(1).quantize(new float[0], Shape.of(3, 0)).quantization()
            .count());
    QTensor channels = Quantizer.asymmetric(U8).perChannel(0).quantize(new float[0], Shape.of(3, 0));
    assertEquals(Quantization.perChannel(0, new float[0]), channels.quantization());
    assertEquals(127, Quantizer.symmetric(S8).quantize(new float[]{5}, Shape.of()).get(0));
  }

  /** Without elements nothing is allocated by the length of the other dimensions. */
  @Test
  void emptyTensorsOfLongDimensions() {
    Shape wide = Shape.of(0, Integer.MAX_VALUE);
    Shape tall = Shape.of(Long.MAX_VALUE, 0, 3);
    for (Quantizer quantizer : new Quantizer[]{Quantizer.symmetric(S8), Quantizer.asymmetric(U4)}) {
      assertEquals(0, quantizer.perChannel(1).quantize(new float[0], wide).quantization().count());
      assertEquals(0, quantizer.perGroup(32).alongAxis(0).quantize(new float[0], wide).data().byteSize());
      assertEquals(0, quantizer.perGroup(32).alongAxis(1).quantize(new float[0], wide).data().byteSize());
      assertEquals(0, quantizer.perChannel(0).quantize(new float[0], tall).quantization().count());
      assertEquals(tall, quantizer.perTensor().quantize(new float[0], tall).shape());
      QTensor none = quantizer.with(Quantization.perChannel(1, new float[0])).quantize(new float[0], wide);
      assertEquals(wide, none.shape());
    }
    refused("shape: axis 2 of the quantizer is beyond [0, 2147483647]",
        () -> Quantizer.symmetric(S8).perChannel(2).quantize(new float[0], wide));
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatItCannotUse() {
    refused("type: expected S8 or S4 for symmetric quantization, got U8", () -> Quantizer.symmetric(U8));
    refused("type: expected S8 or S4 for symmetric quantization, got S32", () -> Quantizer.symmetric(S32));
    refused("type: expected U8, S8, U4 or S4, got F32", () -> Quantizer.asymmetric(F32));
    refused("axis: expected >= 0, got -1", () -> Quantizer.symmetric(S8).perChannel(-1));
    refused("axis: expected >= 0, got -2", () -> Quantizer.symmetric(S8).perGroup(32).alongAxis(-2));
    refused("groupSize: expected >= 1, got 0", () -> Quantizer.symmetric(S8).perGroup(0));
    Quantizer s8 = Quantizer.symmetric(S8);
    refused("values: expected 6 for shape [2, 3], got 5", () -> s8.quantize(new float[5], Shape.of(2, 3)));
    refused("values: expected 24 bytes for F32 [2, 3], got 23",
        () -> s8.quantize(MemorySegment.ofArray(new byte[23]), Shape.of(2, 3)));
    refused("shape: axis 2 of the quantizer is beyond [2, 3]",
        () -> s8.perChannel(2).quantize(new float[6], Shape.of(2, 3)));
    refused("shape: axis 1 of the quantizer is beyond [6]",
        () -> s8.perGroup(2).alongAxis(1).quantize(new float[6], Shape.of(6)));
    refused("values: the range from -3.0E38 to 3.0E38 overflows binary32",
        () -> Quantizer.asymmetric(S8).quantize(new float[]{3e38f, -3e38f}, Shape.of(2)));
    // symmetric needs no difference
    assertEquals(-127, s8.quantize(new float[]{3e38f, -3e38f}, Shape.of(2)).get(1));
  }

  @Test
  void parametersThatAreGivenAreKeptAndWhatIsBeyondThemSaturates() {
    float[] values = {-100, -2.5f, 0, 3, 1e38f, -1e-38f};
    QTensor s8 = Quantizer.symmetric(S8).with(Quantization.perTensor(0.5f)).quantize(values, Shape.of(6));
    assertEquals(Quantization.perTensor(0.5f), s8.quantization());
    assertArrayEquals(new int[]{-127, -5, 0, 6, 127, 0}, integers(s8));
    // asymmetric: the smallest integer is used; quotients beyond an int and beyond binary32 saturate
    Quantization tiny = Quantization.perChannel(0, new float[]{1, 1e-20f}, new int[]{-3, 5});
    QTensor u = Quantizer.asymmetric(S8).with(tiny).quantize(values, Shape.of(2, 3));
    assertArrayEquals(new int[]{-103, -5, -3, 127, 127, 5}, integers(u));
    assertEquals(Shape.of(2, 3), u.shape());
    refused("parameters: expected zero points 0 for symmetric quantization",
        () -> Quantizer.symmetric(S8).with(Quantization.perTensor(1, 1)));
    refused("parameters: zero point 300 (index 0) is outside the range of U8, 0 to 255",
        () -> Quantizer.asymmetric(U8).with(Quantization.perTensor(1, 300)));
    refused("values: expected 3 scales for shape [3, 2] per channel on axis 0, got 2",
        () -> Quantizer.asymmetric(S8).with(tiny).quantize(values, Shape.of(3, 2)));
  }

  @Test
  void namesThePositionOfWhatIsNoNumber() {
    for (float bad : new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] many = new float[5000];
      many[4999] = bad;
      refused("values[4999]: expected a finite number, got " + bad,
          () -> Quantizer.symmetric(S8).quantize(many, Shape.of(5000)));
      float[] values = new float[24];
      values[17] = bad;
      Quantizer[] quantizers = {Quantizer.symmetric(S8), Quantizer.asymmetric(U8).perChannel(0),
          Quantizer.symmetric(S4).perChannel(2), Quantizer.symmetric(S4).perGroup(2).alongAxis(2),
          Quantizer.asymmetric(U4).perGroup(2).alongAxis(1)};
      for (Quantizer quantizer : quantizers) {
        // 17 = 1 * 12 + 1 * 4 + 1
        refused("values[1, 1, 1]: expected a finite number, got " + bad,
            () -> quantizer.quantize(values, Shape.of(2, 3, 4)));
      }
    }
  }
}
