package dev.octet.op;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OUT_IN;
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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a matMul refuses, in prepare and before every run, and what it says then. */
class MatMulErrorsTest {
  private static final Quantization ONE = Quantization.perTensor(1);
  private static final int K = 4;
  private static final int N = 3;
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static void refused(String message, Executable code) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, code).getMessage());
  }

  private static void overflows(String operand, Executable code) {
    String message = assertThrows(IllegalArgumentException.class, code).getMessage();
    assertTrue(message.startsWith(operand + ": ") && message.endsWith(" 64 bits"), message);
  }

  private static QTensor weights(DataType type, Quantization quantization, long... dims) {
    Shape shape = Shape.of(dims);
    return QTensor.of(type, shape, quantization, new byte[(int) type.bytes(shape.elements())]);
  }

  /** A builder with everything that it needs. */
  private static MatMul.Builder complete() {
    return octet.matMul().input(U8, ONE).weights(weights(S8, ONE, K, N), IN_OUT).output(S8, ONE);
  }

  private static void refusedToPrepare(String message, UnaryOperator<MatMul.Builder> choice) {
    refused(message, () -> choice.apply(complete()).prepare());
  }

  @Test
  void somethingIsMissing() {
    refused("input: not given; call input(...) or inputPerRow(...)",
        () -> octet.matMul().weights(weights(S8, ONE, K, N), IN_OUT).outputS32().prepare());
    refused("weights: not given", () -> octet.matMul().input(U8, ONE).outputS32().prepare());
    refused("output: not given; call output(...), outputF32() or outputS32()",
        () -> octet.matMul().input(U8, ONE).weights(weights(S8, ONE, K, N), IN_OUT).prepare());
  }

  @ParameterizedTest
  @EnumSource(names = {"U4", "S4", "S32", "F32"})
  void inputAndOutputAreOfEightBits(DataType type) {
    refused("input: expected U8 or S8, got " + type, () -> octet.matMul().input(type, ONE));
    refused("input: expected U8 or S8, got " + type, () -> octet.matMul().inputPerRow(type));
    refused("output: expected U8 or S8, got " + type, () -> octet.matMul().output(type, ONE));
  }

  @Test
  void inputAndOutputHaveOneScale() {
    Quantization channels = Quantization.perChannel(1, new float[]{1, 1, 1, 1});
    refused("input: expected one scale per tensor, got per channel on axis 1",
        () -> octet.matMul().input(U8, channels));
    refused("output: expected one scale per tensor, got per group of 2 along axis 0",
        () -> octet.matMul().output(U8, Quantization.perGroup(0, 2, new float[]{1})));
  }

  @Test
  void zeroPointsLieInTheRangeOfTheirType() {
    refused("input: zero point -1 (index 0) is outside the range of U8, 0 to 255",
        () -> octet.matMul().input(U8, Quantization.perTensor(1, -1)));
    refused("input: zero point 128 (index 0) is outside the range of S8, -128 to 127",
        () -> octet.matMul().input(S8, Quantization.perTensor(1, 128)));
    refused("output: zero point 256 (index 0) is outside the range of U8, 0 to 255",
        () -> octet.matMul().output(U8, Quantization.perTensor(1, 256)));
    octet.matMul().input(U8, Quantization.perTensor(1, 255)).output(S8, Quantization.perTensor(1, -128));
  }

  @ParameterizedTest
  @ValueSource(floats = {-2, Float.NaN, Float.POSITIVE_INFINITY})
  void scalesAreNotNegativeAndFinite(float bad) {
    refused("scales[0]: expected 0 or a positive finite number, got " + bad,
        () -> octet.matMul().input(U8, Quantization.perTensor(bad)));
    refused("scales[1]: expected 0 or a positive finite number, got " + bad,
        () -> weights(S8, Quantization.perChannel(1, new float[]{1, bad, 1}), K, N));
  }

  @Test
  void weightsThatDoNotFit() {
    refused("weights: expected U8 or S8, got S4; dynamicMatMul and weightOnlyMatMul take 4-bit weights",
        () -> octet.matMul().weights(weights(S4, ONE, K, N), IN_OUT));
    refused("weights: expected U8 or S8, got U4; dynamicMatMul and weightOnlyMatMul take 4-bit weights",
        () -> octet.matMul().weights(weights(U4, ONE, K, N), IN_OUT));
    refused("weights: expected scales per tensor or per channel, got per group of 2 along axis 0; "
        + "dynamicMatMul and weightOnlyMatMul take groups",
        () -> octet.matMul().weights(
            weights(S8, Quantization.perGroup(0, 2, new float[]{1, 1, 1, 1, 1, 1}), K, N),
            IN_OUT));
    refused("weights: expected layout IN_OUT or OUT_IN for a matrix, got OHWI",
        () -> octet.matMul().weights(weights(S8, ONE, K, N), OHWI));
    refused("weights: expected a matrix, got shape [2, 2, 2]",
        () -> octet.matMul().weights(weights(S8, ONE, 2, 2, 2), IN_OUT));
    refused("tensor: expected 3 scales for shape [4, 3] per channel on axis 1, got 4",
        () -> weights(S8, Quantization.perChannel(1, new float[]{1, 1, 1, 1}), K, N));
    refused("weights: expected channels on axis 0 (output features of OUT_IN), got axis 1",
        () -> octet.matMul().weights(weights(S8, Quantization.perChannel(1, new float[]{1, 1, 1}), K, N),
            OUT_IN));
  }

  @Test
  void biases() {
    refusedToPrepare("bias: expected 3 (one an output channel), got 4", b -> b.bias(new int[K]));
    refusedToPrepare("bias: expected 3 (one an output channel), got 2", b -> b.bias(new float[2]));
    refusedToPrepare("bias: expected 3 (one an output channel), got 0",
        b -> b.outputF32().bias(new float[0]));
    refusedToPrepare("bias[1]: expected a finite number, got NaN",
        b -> b.bias(new float[]{1, Float.NaN, 1}));
    refusedToPrepare("bias[2]: expected a finite number, got -Infinity",
        b -> b.bias(new float[]{1, 1, Float.NEGATIVE_INFINITY}));
    refusedToPrepare(
        "bias: a float bias with S8 output needs a fixed input scale, not one that comes with the run",
        b -> b.inputPerRow(U8).bias(new float[N]));
    refusedToPrepare(
        "bias: a float bias with S32 output needs a fixed input scale, not one that comes with the run",
        b -> b.inputPerRow(U8).outputS32().bias(new float[N]));
    complete().inputPerRow(U8).outputF32().bias(new float[N]).prepare().close();
    complete().inputPerRow(U8).bias(new int[N]).prepare().close();
  }

  @Test
  void clamps() {
    refusedToPrepare("clamp: not offered with S32 output", b -> b.outputS32().relu());
    refusedToPrepare("clamp: not offered with S32 output", b -> b.relu6().outputS32());
    refused("clamp: expected min <= max, got 1.0 and 0.0", () -> complete().clamp(1, 0));
    refused("clamp: expected min <= max, got NaN and 0.0", () -> complete().clamp(Float.NaN, 0));
    refused("clamp: expected min <= max, got 0.0 and NaN", () -> complete().clamp(0, Float.NaN));
    complete().clamp(2, 2).prepare().close();
    complete().clamp(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY).outputF32().prepare().close();
  }

  /** A builder is read in prepare only, and makes any number of ops; what it was given is copied. */
  @Test
  void aBuilderIsReusable() {
    int[] bias = {1, 2, 3};
    MatMul.Builder builder = complete().outputS32().bias(bias);
    bias[0] = 99;
    try (MatMul first = builder.prepare(); MatMul second = builder.bias(new int[]{4, 5, 6}).prepare()) {
      int[] y = new int[N];
      first.run(MemorySegment.ofArray(new byte[K]), MemorySegment.ofArray(y), 1);
      assertArrayEquals(new int[]{1, 2, 3}, y);
      second.run(MemorySegment.ofArray(new byte[K]), MemorySegment.ofArray(y), 1);
      assertArrayEquals(new int[]{4, 5, 6}, y);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"S8", "U8", "S32", "F32"})
  void buffersThatAreTooSmall(DataType output) {
    MatMul.Builder builder = complete();
    switch (output) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(output, ONE);
    }
    int bytes = output.bits() / 8;
    try (MatMul op = builder.prepare(); Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(2 * K);
      MemorySegment y = arena.allocate(2L * N * bytes);
      op.run(x, y, 2);
      refused("x: expected at least 8 bytes, got 7", () -> op.run(x.asSlice(1), y, 2));
      refused("y: expected at least " + 6 * bytes + " bytes, got " + (6 * bytes - 1),
          () -> op.run(x, y.asSlice(1), 2));
      // Rows of more than K elements: the stride counts, but not behind the last row.
      op.run(arena.allocate(7 + K), 7, arena.allocate((5L + N) * bytes), 5, 2);
      refused("x: expected at least 11 bytes, got 10",
          () -> op.run(arena.allocate(10), 7, y, N, 2));
      refused("y: expected at least " + 8 * bytes + " bytes, got " + 6 * bytes, () -> op.run(x, K, y, 5, 2));
    }
  }

  @Test
  void numbersThatDoNotFit() {
    try (MatMul op = complete().prepare(); Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(K);
      MemorySegment y = arena.allocate(N);
      refused("rows: expected >= 0, got -1", () -> op.run(x, y, -1));
      refused("rows: expected >= 0, got -2147483648", () -> op.run(x, y, Integer.MIN_VALUE));
      refused("x: expected a row stride of at least 4 elements, got 3", () -> op.run(x, 3, y, N, 1));
      refused("y: expected a row stride of at least 3 elements, got -3", () -> op.run(x, K, y, -3, 1));
      overflows("x", () -> op.run(x, Long.MAX_VALUE, y, N, 3));
      overflows("y", () -> op.run(arena.allocate(5 * K), K, y, (1L << 62) - 1, 5));
      refused("rows: expected >= 0, got -1", () -> op.scratchBytes(-1));
      // Any stride will do where there is one row or none.
      op.run(x, Long.MAX_VALUE, y, Long.MAX_VALUE, 1);
      op.run(MemorySegment.NULL, MemorySegment.NULL, 0);
    }
  }

  @Test
  void memoryThatMayNotBeUsed() {
    try (MatMul op = complete().prepare(); Arena arena = Arena.ofConfined()) {
      MemorySegment both = arena.allocate(16);
      MemorySegment x = both.asSlice(0, K);
      refused("y: the segment is read-only", () -> op.run(x, both.asSlice(8).asReadOnly(), 1));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(x, x, 1));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(x, both.asSlice(3), 1));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(both.asSlice(2), both, 1));
      op.run(both.asReadOnly(), both.asSlice(4), 1);
      refused("x: expected a segment, got null", () -> op.run(null, x, 1));
      refused("y: expected a segment, got null", () -> op.run(x, null, 1));
      MemorySegment gone;
      try (Arena closed = Arena.ofShared()) {
        gone = closed.allocate(K);
      }
      assertThrows(IllegalStateException.class, () -> op.run(gone, x, 1));
    }
  }

  @Test
  void rowScales() {
    try (MatMul fixed = complete().prepare();
        MatMul perRow = complete().inputPerRow(U8).prepare();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(2 * K);
      MemorySegment y = arena.allocate(2 * N);
      MemorySegment scales = arena.allocate(8);
      MemorySegment zeroPoints = arena.allocate(8);
      assertEquals("this matMul was prepared with inputPerRow: run needs row scales",
          assertThrows(IllegalStateException.class, () -> perRow.run(x, y, 2)).getMessage());
      assertEquals("this matMul has a fixed input scale: row scales need inputPerRow",
          assertThrows(IllegalStateException.class, () -> fixed.run(x, scales, zeroPoints, y, 2))
              .getMessage());
      perRow.run(x, scales, zeroPoints, y, 2);
      perRow.run(x, scales, null, y, 2);
      refused("rowScales: expected a segment, got null", () -> perRow.run(x, null, null, y, 2));
      refused("rowScales: expected at least 8 bytes, got 7",
          () -> perRow.run(x, scales.asSlice(1), null, y, 2));
      refused("rowZeroPoints: expected at least 8 bytes, got 4",
          () -> perRow.run(x, scales, zeroPoints.asSlice(4), y, 2));
      refused("rows: expected >= 0, got -1", () -> perRow.run(x, scales, null, y, -1));
      refused("y: expected memory of its own, but it overlaps rowScales",
          () -> perRow.run(x, scales, null, scales, 2));
      refused("y: expected memory of its own, but it overlaps rowZeroPoints",
          () -> perRow.run(x, scales, zeroPoints, zeroPoints.asSlice(2), 2));
      // One segment for both: they are only read.
      perRow.run(x, scales, scales, y, 2);
    }
  }
}
