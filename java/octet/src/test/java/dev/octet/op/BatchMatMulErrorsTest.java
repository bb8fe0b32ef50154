package dev.octet.op;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.testing.Refusals.illegalArgument;
import static dev.octet.testing.Refusals.illegalState;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What BatchMatMul refuses, and with which words. */
class BatchMatMulErrorsTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();
  private static final Quantization ONE = Quantization.perTensor(1);

  /** One scale for each operand. */
  private static BatchMatMul fixed;

  /** Scales for rows and columns with the run. */
  private static BatchMatMul atRun;

  @BeforeAll
  static void prepare() {
    fixed = OCTET.batchMatMul().left(S8, ONE).right(S8, ONE).outputS32().prepare();
    atRun = OCTET.batchMatMul().left(S8).right(S8).outputF32().prepare();
  }

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static MemorySegment bytes(int count) {
    return MemorySegment.ofArray(new byte[count]);
  }

  private static MemorySegment ints(int count) {
    return MemorySegment.ofArray(new int[count]);
  }

  private static MemorySegment floats(int count) {
    return MemorySegment.ofArray(new float[count]);
  }

  @Test
  void buildersThatLackOrMismatch() {
    illegalArgument("left: not given", () -> OCTET.batchMatMul().right(S8).outputF32().prepare());
    illegalArgument("right: not given", () -> OCTET.batchMatMul().left(S8).outputF32().prepare());
    illegalArgument("output: not given; call output(...), outputF32() or outputS32()",
        () -> OCTET.batchMatMul().left(S8).right(S8).prepare());
    illegalArgument("left: expected U8 or S8, got S4", () -> OCTET.batchMatMul().left(S4));
    illegalArgument("right: expected U8 or S8, got F32", () -> OCTET.batchMatMul().right(F32, ONE));
    illegalArgument("left: zero point -1 (index 0) is outside the range of U8, 0 to 255",
        () -> OCTET.batchMatMul().left(U8, Quantization.perTensor(1, -1)));
    illegalArgument("right: expected one scale per tensor, got per channel on axis 0",
        () -> OCTET.batchMatMul().right(U8, Quantization.perChannel(0, new float[]{1})));
    illegalArgument("output: expected U8 or S8, got S4", () -> OCTET.batchMatMul().output(S4, ONE));
    illegalArgument("clamp: not offered with S32 output",
        () -> OCTET.batchMatMul().left(S8).right(S8).outputS32().relu().prepare());
  }

  @Test
  void sizesThatDoNotFit() {
    illegalArgument("batch: expected >= 0, got -1",
        () -> fixed.run(bytes(1), bytes(1), ints(1), -1, 1, 1, 1));
    illegalArgument("m: expected >= 0, got -1", () -> fixed.run(bytes(1), bytes(1), ints(1), 1, -1, 1, 1));
    illegalArgument("k: expected >= 1, got 0", () -> fixed.run(bytes(1), bytes(1), ints(1), 1, 1, 0, 1));
    illegalArgument("n: expected >= 0, got -1", () -> fixed.run(bytes(1), bytes(1), ints(1), 1, 1, 1, -1));
    illegalArgument("left: expected at least 12 bytes, got 11",
        () -> fixed.run(bytes(11), bytes(24), ints(16), 2, 2, 3, 4));
    illegalArgument("right: expected at least 24 bytes, got 23",
        () -> fixed.run(bytes(12), bytes(23), ints(16), 2, 2, 3, 4));
    illegalArgument("out: expected at least 64 bytes, got 60",
        () -> fixed.run(bytes(12), bytes(24), ints(15), 2, 2, 3, 4));
    fixed.run(bytes(12), bytes(24), ints(16), 2, 2, 3, 4);
    int most = Integer.MAX_VALUE;
    illegalArgument("left: size 2147483646 x 4611686014132420609 overflows 64 bits",
        () -> fixed.run(bytes(1), bytes(1), ints(1), most, most, most, 1));
    illegalArgument("sizes: not given", () -> fixed.run(new BatchArguments().left(bytes(1)).right(bytes(1))));
    illegalArgument("n: expected >= 0, got -5", () -> fixed.run(new BatchArguments().sizes(1, 1, 1, -5)));
    illegalArgument("left: expected a segment, got null",
        () -> fixed.run(new BatchArguments().sizes(1, 1, 1, 1)));
    illegalArgument("out: expected a segment, got null",
        () -> fixed.run(dense().out(ints(16)).clear().left(bytes(12)).right(bytes(24))));
  }

  @Test
  void stridesThatDoNotFit() {
    illegalArgument("left batch stride: expected >= 0, got -2", () -> fixed.run(dense().leftStrides(-2, 3)));
    illegalArgument("right batch stride: expected >= 0, got -1",
        () -> fixed.run(dense().rightStrides(-1, 4)));
    illegalArgument("out batch stride: expected >= 0, got -8", () -> fixed.run(dense().outStrides(-8, 4)));
    illegalArgument("out: expected a row stride of at least 4 elements, got -1",
        () -> fixed.run(dense().outStrides(8, -1)));
    illegalArgument("left: expected a row stride of at least 3 elements, got 2",
        () -> fixed.run(dense().leftStrides(6, 2)));
    illegalArgument("right: expected a row stride of at least 4 elements, got 3",
        () -> fixed.run(dense().rightStrides(12, 3)));
    illegalArgument("out: expected a row stride of at least 4 elements, got 3",
        () -> fixed.run(dense().outStrides(8, 3)));
    illegalArgument("left: expected at least 13 bytes, got 12", () -> fixed.run(dense().leftStrides(7, 3)));
    illegalArgument("right: size 9223372036854775807 + 8 overflows 64 bits",
        () -> fixed.run(dense().rightStrides(Long.MAX_VALUE, 4)));
    illegalArgument(
        "out: expected results that share no element, got strides 7 (batch) and 4 (row) for 2 results of "
            + "2 x 4",
        () -> fixed.run(dense().outStrides(7, 4)));
    illegalArgument(
        "out: expected results that share no element, got strides 0 (batch) and 4 (row) for 2 results of "
            + "2 x 4",
        () -> fixed.run(dense().outStrides(0, 4)));
    illegalArgument(
        "out: expected results that share no element, got strides 4 (batch) and 7 (row) for 2 results of "
            + "2 x 4",
        () -> fixed.run(dense().outStrides(4, 7)));
    fixed.run(dense().outStrides(4, 8));
    fixed.run(dense().outStrides(8, 4));
    fixed.run(dense().leftStrides(0, 3).rightStrides(0, 4));
    // what lies inside each other may be read
    fixed.run(dense().leftStrides(1, 3).rightStrides(1, 4));
  }

  private static BatchArguments dense() {
    return new BatchArguments().sizes(2, 2, 3, 4).left(bytes(12)).right(bytes(24)).out(ints(16));
  }

  @Test
  void scalesAndZeroPointsThatDoNotFit() {
    illegalArgument("leftScales: expected 2 floats, got none; the operand was prepared without a scale",
        () -> atRun.run(bytes(2), bytes(1), floats(2), 1, 2, 1, 1));
    illegalArgument("rightScales: expected 3 floats, got none; the operand was prepared without a scale",
        () -> atRun.run(new BatchArguments().sizes(1, 1, 1, 3).left(bytes(1), floats(1), null)
            .right(bytes(3)).out(floats(3))));
    illegalArgument("leftScales: expected at least 8 bytes, got 4",
        () -> atRun.run(one().sizes(1, 2, 1, 1).left(bytes(2), floats(1), null).out(floats(2))));
    illegalArgument("rightScales: expected at least 12 bytes, got 8",
        () -> atRun.run(one().sizes(1, 1, 1, 3).right(bytes(3), floats(2), null).out(floats(3))));
    illegalArgument("leftScales: expected none, the operand was prepared with one scale and zero point",
        () -> OCTET.batchMatMul().left(S8, ONE).right(S8).outputF32().prepare().run(one()));
    illegalArgument("leftZeroPoints: expected at least 4 bytes, got 0",
        () -> atRun.run(one().left(bytes(1), floats(1), ints(0))));
    illegalArgument("rightZeroPoints: expected at least 8 bytes, got 4",
        () -> atRun.run(
            one().sizes(1, 1, 1, 2).right(bytes(2), floats(2), ints(1)).out(floats(2))));
    illegalArgument("rightZeroPoints: expected none, the operand was prepared with one scale and zero point",
        () -> fixed.run(one().left(bytes(1)).right(bytes(1), null, ints(1))));
    assertThrows(NullPointerException.class, () -> BatchOperand.of(null));
  }

  /** One product of one element, with scales. */
  private static BatchArguments one() {
    return new BatchArguments().sizes(1, 1, 1, 1).left(bytes(1), floats(1), null)
        .right(bytes(1), floats(1), null).out(floats(1));
  }

  @Test
  void memoryThatOverlapsOrCannotBeWritten() {
    MemorySegment all = MemorySegment.ofArray(new byte[64]);
    String overlaps = "out: expected memory of its own, but it overlaps ";
    illegalArgument(overlaps + "left", () -> fixed.run(all, bytes(1), all, 1, 1, 1, 1));
    illegalArgument(overlaps + "right", () -> fixed.run(bytes(1), all.asSlice(3), all, 1, 1, 1, 1));
    illegalArgument(overlaps + "leftScales", () -> atRun.run(one().left(bytes(1), all, null).out(all)));
    illegalArgument(overlaps + "rightScales", () -> atRun.run(one().right(bytes(1), all, null).out(all)));
    illegalArgument(overlaps + "leftZeroPoints",
        () -> atRun.run(one().left(bytes(1), floats(1), all).out(all)));
    fixed.run(all.asSlice(4), all.asSlice(4), all, 1, 1, 1, 1);
    illegalArgument("out: the segment is read-only",
        () -> fixed.run(bytes(1), bytes(1), ints(1).asReadOnly(), 1, 1, 1, 1));
  }

  @Test
  void shapesThatDoNotFit() {
    illegalArgument("left: expected [..., m, k], got [3]",
        () -> fixed.outputShape(Shape.of(3), Shape.of(3, 1)));
    illegalArgument("right: expected [..., k, n], got []",
        () -> fixed.outputShape(Shape.of(3, 1), Shape.of()));
    illegalArgument("right: expected k = 3 as in left [2, 3], got 4 in [4, 5]",
        () -> fixed.outputShape(Shape.of(2, 3), Shape.of(4, 5)));
    illegalArgument(
        "right: [3, 1, 1] cannot be broadcast with left [2, 1, 1]: 3 and 2 differ and neither is 1",
        () -> fixed.outputShape(Shape.of(2, 1, 1), Shape.of(3, 1, 1)));
    try (BatchMatMul transposed = OCTET.batchMatMul().left(S8).right(S8).rightTransposed().outputF32()
        .prepare()) {
      illegalArgument("right: expected [..., n, k], got [5]",
          () -> transposed.outputShape(Shape.of(2, 3), Shape.of(5)));
      illegalArgument("right: expected k = 3 as in left [2, 3], got 4 in [5, 4]",
          () -> transposed.outputShape(Shape.of(2, 3), Shape.of(5, 4)));
    }
    illegalArgument("left [4294967296, 1, 1] x right [1, 1]: a batch of 4294967296 products exceeds 2^31 - 1",
        () -> fixed.outputShape(Shape.of(1L << 32, 1, 1), Shape.of(1, 1)));
    illegalArgument("k: expected >= 1, got 0", () -> fixed.run(BatchOperand.of(bytes(0)), Shape.of(1, 0),
        BatchOperand.of(bytes(0)), Shape.of(0, 1), ints(1)));
    // [2, 1, 2, 3] x [2, 3, 1] = [2, 2, 2, 1]
    Shape left = Shape.of(2, 1, 2, 3);
    Shape right = Shape.of(2, 3, 1);
    illegalArgument("left: expected at least 12 bytes, got 11",
        () -> fixed.run(BatchOperand.of(bytes(11)), left, BatchOperand.of(bytes(6)), right, ints(8)));
    illegalArgument("right: expected at least 6 bytes, got 5",
        () -> fixed.run(BatchOperand.of(bytes(12)), left, BatchOperand.of(bytes(5)), right, ints(8)));
    illegalArgument("out: expected at least 32 bytes, got 28",
        () -> fixed.run(BatchOperand.of(bytes(12)), left, BatchOperand.of(bytes(6)), right, ints(7)));
    illegalArgument("leftScales: expected at least 16 bytes, got 12",
        () -> atRun.run(BatchOperand.of(bytes(12), floats(3)), left, BatchOperand.of(bytes(6), floats(2)),
            right,
            floats(8)));
    illegalArgument("rightScales: expected at least 8 bytes, got 4",
        () -> atRun.run(BatchOperand.of(bytes(12), floats(4)), left, BatchOperand.of(bytes(6), floats(1)),
            right,
            floats(8)));
  }

  @Test
  void useAfterClose() {
    BatchMatMul op = OCTET.batchMatMul().left(S8, ONE).right(S8, ONE).outputS32().prepare();
    op.close();
    illegalState("this batchMatMul is closed", () -> op.run(bytes(1), bytes(1), ints(1), 1, 1, 1, 1));
    illegalState("this batchMatMul is closed", () -> op.run(bytes(1), bytes(1), ints(1), 0, 1, 1, 1));
  }
}
