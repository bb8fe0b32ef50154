package dev.octet;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Quantization.Granularity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scales and zero points, and which element uses which. */
class QuantizationTest {
  private static void refused(String message, Executable code) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, code).getMessage());
  }

  @Test
  void perTensor() {
    Quantization q = Quantization.perTensor(0.5f, 3);
    assertSame(Granularity.PER_TENSOR, q.granularity());
    assertEquals(-1, q.axis());
    assertEquals(0, q.groupSize());
    assertEquals(1, q.count());
    assertEquals(0.5f, q.scale(0));
    assertEquals(3, q.zeroPoint(0));
    assertFalse(q.isSymmetric());
    assertEquals("per tensor (scale 0.5, zero point 3)", q.toString());
    assertTrue(Quantization.perTensor(2).isSymmetric());
    assertEquals(Quantization.perTensor(2), Quantization.perTensor(2, 0));
  }

  @Test
  void perChannelAndPerGroup() {
    Quantization channels = Quantization.perChannel(1, new float[]{1, 2, 3}, new int[]{0, 0, -4});
    assertSame(Granularity.PER_CHANNEL, channels.granularity());
    assertEquals(1, channels.axis());
    assertEquals(3, channels.count());
    assertArrayEquals(new float[]{1, 2, 3}, channels.scales());
    assertArrayEquals(new int[]{0, 0, -4}, channels.zeroPoints());
    assertFalse(channels.isSymmetric());
    assertEquals("per channel on axis 1", channels.toString());
    Quantization groups = Quantization.perGroup(0, 32, new float[]{1, 2});
    assertSame(Granularity.PER_GROUP, groups.granularity());
    assertEquals(32, groups.groupSize());
    assertEquals(0, groups.zeroPoint(1));
    assertArrayEquals(new int[2], groups.zeroPoints());
    assertTrue(groups.isSymmetric());
    assertEquals("per group of 32 along axis 0", groups.toString());
    assertThrows(IndexOutOfBoundsException.class, () -> groups.zeroPoint(2));
    assertThrows(IndexOutOfBoundsException.class, () -> groups.scale(2));
  }

  @Test
  void immutable() {
    float[] scales = {1, 2};
    int[] zeroPoints = {3, 4};
    Quantization q = Quantization.perChannel(0, scales, zeroPoints);
    scales[0] = 9;
    zeroPoints[0] = 9;
    q.scales()[1] = 9;
    q.zeroPoints()[1] = 9;
    assertEquals(Quantization.perChannel(0, new float[]{1, 2}, new int[]{3, 4}), q);
  }

  @Test
  void equality() {
    List<Quantization> different = List.of(Quantization.perTensor(1), Quantization.perTensor(2),
        Quantization.perTensor(1, 1), Quantization.perChannel(0, new float[]{1}),
        Quantization.perChannel(1, new float[]{1}), Quantization.perChannel(0, new float[]{1}, new int[]{1}),
        Quantization.perGroup(0, 1, new float[]{1}), Quantization.perGroup(0, 2, new float[]{1}));
    for (int i = 0; i < different.size(); i++) {
      for (int j = 0; j < different.size(); j++) {
        assertEquals(i == j, different.get(i).equals(different.get(j)), i + " and " + j);
      }
    }
    Quantization q = Quantization.perChannel(0, new float[]{1, 2});
    Quantization same = Quantization.perChannel(0, new float[]{1, 2}, new int[2]);
    assertEquals(q, same);
    assertEquals(q.hashCode(), same.hashCode());
    assertNotEquals(q, "per channel on axis 0");
  }

  @ParameterizedTest
  @ValueSource(floats = {-Float.MIN_VALUE, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void scalesAreFiniteAndNotNegativeButOfGroups(float bad) {
    refused("scales[0]: expected 0 or a positive finite number, got " + bad,
        () -> Quantization.perTensor(bad));
    refused("scales[2]: expected 0 or a positive finite number, got " + bad,
        () -> Quantization.perChannel(0, new float[]{1, Float.MIN_VALUE, bad}));
    if (bad < 0 && bad > Float.NEGATIVE_INFINITY) {
      Quantization groups = Quantization.perGroup(0, 4, new float[]{Float.MAX_VALUE, bad}, new int[2]);
      assertEquals(bad, groups.scale(1));
      refused(
          "w: scales[1] is " + bad + ", which only fixed weights may have; expected a positive finite number",
          () -> groups.checkPositiveScales("w"));
    } else {
      refused("scales[1]: expected a finite number, got " + bad,
          () -> Quantization.perGroup(0, 4, new float[]{Float.MAX_VALUE, bad}, new int[2]));
    }
  }

  @Test
  void groupSizesOfProducts() {
    assertEquals(List.of(16L, 32L, 64L, 128L, 256L),
        LongStream.rangeClosed(-64, 1024).filter(Quantization::isGroupSizeOfProducts).boxed().toList());
  }

  /** GPTQ's first format has it. */
  @Test
  void zeroPointsOfU4InGroupsMayBe16() {
    Quantization.perGroup(0, 32, new float[]{1}, new int[]{16}).check("w", U4, Shape.of(32, 1));
    refused("w: zero point 17 (index 0) is outside the range of U4, 0 to 16",
        () -> Quantization.perGroup(0, 32, new float[]{1}, new int[]{17}).checkZeroPoints("w", U4));
    refused("w: zero point -1 (index 0) is outside the range of U4, 0 to 16",
        () -> Quantization.perGroup(0, 32, new float[]{1}, new int[]{-1}).checkZeroPoints("w", U4));
    refused("w: zero point 8 (index 0) is outside the range of S4, -8 to 7",
        () -> Quantization.perGroup(0, 32, new float[]{1}, new int[]{8}).checkZeroPoints("w", S4));
    refused("w: zero point 16 (index 1) is outside the range of U4, 0 to 15",
        () -> Quantization.perChannel(0, new float[2], new int[]{0, 16}).checkZeroPoints("w", U4));
  }

  /** Weights may have it, and no sign; what is quantized by its scale may not. */
  @Test
  void aScaleMayBe0() {
    Quantization q = Quantization.perChannel(0, new float[]{1, 0, -0f});
    assertEquals(q, Quantization.perChannel(0, new float[]{1, 0, 0}));
    refused("left: scales[1] is 0, which only fixed weights may have; expected a positive finite number",
        () -> q.checkPositiveScales("left"));
    Quantization.perChannel(0, new float[]{1, Float.MIN_VALUE}).checkPositiveScales("left");
    refused(
        "parameters: scales[0] is 0, which only fixed weights may have; expected a positive finite number",
        () -> Quantizer.symmetric(DataType.S8).with(Quantization.perTensor(0)));
  }

  @Test
  void refusals() {
    refused("axis: expected >= 0, got -1", () -> Quantization.perChannel(-1, new float[]{1}));
    refused("axis: expected >= 0, got -2", () -> Quantization.perGroup(-2, 4, new float[]{1}));
    refused("groupSize: expected >= 1, got 0", () -> Quantization.perGroup(0, 0, new float[]{1}));
    refused("zeroPoints: expected 2 (one for each scale), got 3",
        () -> Quantization.perChannel(0, ones(2), new int[3]));
  }

  /** Counts of scales against the shape, and zero points against the type. */
  @Test
  void checksAgainstATensor() {
    Shape shape = Shape.of(5, 3);
    Quantization.perTensor(1).check("w", S8, shape);
    Quantization.perChannel(0, ones(5)).check("w", S8, shape);
    Quantization.perChannel(1, ones(3)).check("w", S8, shape);
    Quantization.perGroup(0, 2, ones(9)).check("w", S8, shape);
    Quantization.perGroup(1, 2, ones(10)).check("w", S8, shape);
    Quantization.perGroup(1, 100, ones(5)).check("w", S8, shape);
    refused("w: expected 3 scales for shape [5, 3] per channel on axis 1, got 5",
        () -> Quantization.perChannel(1, ones(5)).check("w", S8, shape));
    refused("w: expected 9 scales for shape [5, 3] per group of 2 along axis 0, got 8",
        () -> Quantization.perGroup(0, 2, ones(8)).check("w", S8, shape));
    refused("w: quantization axis 2 is beyond its shape [5, 3]",
        () -> Quantization.perChannel(2, ones(3)).check("w", S8, shape));
    refused("w: quantization axis 0 is beyond its shape []",
        () -> Quantization.perGroup(0, 2, ones(1)).check("w", S8, Shape.of()));
  }

  @Test
  void zeroPointsLieInTheRangeOfTheType() {
    Map<DataType, int[]> ranges = Map.of(U8, new int[]{0, 255}, S8, new int[]{-128, 127}, U4,
        new int[]{0, 15}, S4, new int[]{-8, 7});
    ranges.forEach((type, range) -> {
      for (int zeroPoint : range) {
        Quantization.perTensor(1, zeroPoint).checkZeroPoints("x", type);
      }
      for (int zeroPoint : new int[]{range[0] - 1, range[1] + 1}) {
        refused("x: zero point " + zeroPoint + " (index 0) is outside the range of " + type + ", " + range[0]
            + " to "
            + range[1], () -> Quantization.perTensor(1, zeroPoint).checkZeroPoints("x", type));
      }
    });
    refused("x: zero point 200 (index 1) is outside the range of S8, -128 to 127",
        () -> Quantization.perChannel(0, ones(2), new int[]{0, 200}).check("x", S8, Shape.of(2)));
    for (DataType type : new DataType[]{S32, F32}) {
      refused("x: expected a type of 4 or 8 bits, got " + type,
          () -> Quantization.perTensor(1).checkZeroPoints("x", type));
    }
  }

  /** The index of every element's parameters, against its definition by coordinates. */
  @Test
  void parameterIndices() {
    long seed = 31;
    Random random = new Random(seed);
    for (int repeat = 0; repeat < 300; repeat++) {
      int rank = 1 + random.nextInt(4);
      long[] dims = random.longs(rank, 1, 7).toArray();
      Shape shape = Shape.of(dims);
      int axis = random.nextInt(rank);
      int group = 1 + random.nextInt(8);
      Quantization channels = Quantization.perChannel(axis, ones((int) dims[axis]));
      long[] groupedDims = dims.clone();
      groupedDims[axis] = (dims[axis] + group - 1) / group;
      Quantization groups = Quantization.perGroup(axis, group, ones((int) Shape.of(groupedDims).elements()));
      groups.check("w", S8, shape);
      Map<List<Long>, Integer> order = rowMajor(groupedDims);
      long[] at = new long[rank];
      for (long element = 0; element < shape.elements(); element++) {
        String where = "seed " + seed + ", shape " + shape + ", axis " + axis + ", group " + group
            + ", element " + element;
        long[] grouped = at.clone();
        grouped[axis] /= group;
        assertEquals(0, Quantization.perTensor(1).parameterIndex(shape, element), where);
        assertEquals(at[axis], channels.parameterIndex(shape, element), where);
        assertEquals(order.get(boxed(grouped)), groups.parameterIndex(shape, element), where);
        next(at, dims);
      }
    }
  }

  private static Map<List<Long>, Integer> rowMajor(long[] dims) {
    Map<List<Long>, Integer> order = new HashMap<>();
    long[] at = new long[dims.length];
    for (int i = 0; i < Shape.of(dims).elements(); i++) {
      order.put(boxed(at), i);
      next(at, dims);
    }
    return order;
  }

  /** The coordinates of the next element. */
  private static void next(long[] at, long[] dims) {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      at[axis]++;
      if (at[axis] < dims[axis]) {
        return;
      }
      at[axis] = 0;
    }
  }

  private static List<Long> boxed(long[] at) {
    return java.util.Arrays.stream(at).boxed().toList();
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }
}
