package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OUT_IN;
import static dev.octet.testing.Refusals.illegalArgument;
import static dev.octet.testing.Refusals.illegalState;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What DynamicMatMul and WeightOnlyMatMul refuse, and with which words. */
class FloatRowsErrorsTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static QTensor weights(DataType type, Quantization quantization) {
    return QTensor.of(type, Shape.of(3, 2), quantization, new byte[6]);
  }

  private static MemorySegment floats(int count) {
    return MemorySegment.ofArray(new float[count]);
  }

  @Test
  void weightsThatDoNotFit() {
    DynamicMatMul.Builder dynamic = OCTET.dynamicMatMul();
    WeightOnlyMatMul.Builder weightOnly = OCTET.weightOnlyMatMul();
    QTensor u8 = weights(U8, Quantization.perTensor(1));
    illegalArgument("weights: expected S8 with scales per tensor or per channel, got U8; matMul and "
        + "dynamicMatMul take U8 weights", () -> weightOnly.weights(u8, IN_OUT));
    String perGroup = "; 4-bit weights need scales per group of 16, 32, 64, 128 or 256 along K";
    illegalArgument("weights: expected S8 or U8 with scales per tensor or per channel, got S4" + perGroup,
        () -> dynamic.weights(weights(S4, Quantization.perChannel(1, new float[]{1, 1})), IN_OUT));
    illegalArgument("weights: expected S8 with scales per tensor or per channel, got U4" + perGroup,
        () -> weightOnly.weights(weights(U4, Quantization.perTensor(1)), IN_OUT));
    illegalArgument("weights: expected S8, S4 or U4 with scales per group, got U8",
        () -> dynamic.weights(weights(U8, Quantization.perGroup(0, 32, new float[]{1, 1})), IN_OUT));
    illegalArgument("weights: expected groups of 16, 32, 64, 128 or 256, got groups of 8",
        () -> dynamic.weights(weights(S4, Quantization.perGroup(0, 8, new float[]{1, 1})), IN_OUT));
    illegalArgument("weights: expected groups of 16, 32, 64, 128 or 256, got groups of 512",
        () -> weightOnly.weights(weights(S8, Quantization.perGroup(0, 512, new float[]{1, 1})), IN_OUT));
    illegalArgument("weights: expected groups of 16, 32, 64, 128 or 256, got groups of 48",
        () -> weightOnly.weights(weights(U4, Quantization.perGroup(0, 48, new float[]{1, 1})), IN_OUT));
    illegalArgument("weights: expected groups along axis 0 (input features of IN_OUT), got axis 1",
        () -> dynamic.weights(weights(S4, Quantization.perGroup(1, 32, new float[]{1, 1, 1})), IN_OUT));
    illegalArgument("weights: expected channels on axis 0 (output features of OUT_IN), got axis 1",
        () -> dynamic.weights(weights(S8, Quantization.perChannel(1, new float[]{1, 1})), OUT_IN));
    illegalArgument("weights: expected layout IN_OUT or OUT_IN for a matrix, got OHWI",
        () -> dynamic.weights(weights(S8, Quantization.perTensor(1)), OHWI));
    illegalArgument("weights: expected a matrix, got shape [6]", () -> dynamic
        .weights(QTensor.of(S8, Shape.of(6), Quantization.perTensor(1), new byte[6]), IN_OUT));
    illegalArgument("weights: expected at least one input and one output feature, got shape [0, 2]",
        () -> dynamic.weights(QTensor.of(S8, Shape.of(0, 2), Quantization.perTensor(1), new byte[0]),
            IN_OUT));
    illegalArgument("weights: not given", OCTET.dynamicMatMul()::prepare);
    illegalArgument("weights: not given", OCTET.weightOnlyMatMul()::prepare);
    illegalArgument(
        "perTensor: expected weights with scales per tensor or per channel, got per group of 32 along "
            + "axis 0; with groups each group of a row has a scale",
        () -> OCTET.dynamicMatMul().perTensor()
            .weights(weights(S8, Quantization.perGroup(0, 32, new float[]{1, 1})), IN_OUT).prepare());
  }

  @Test
  void biasAndClampThatDoNotFit() {
    DynamicMatMul.Builder builder = OCTET.dynamicMatMul().weights(weights(S8, Quantization.perTensor(1)),
        IN_OUT);
    illegalArgument("bias[1]: expected a finite number, got NaN",
        () -> builder.bias(new float[]{0, Float.NaN}));
    illegalArgument("bias: expected 2 (one an output channel), got 3",
        () -> builder.bias(new float[3]).prepare());
    illegalArgument("clamp: expected min <= max, got 1.0 and 0.0", () -> builder.clamp(1, 0));
    illegalArgument("clamp: expected min <= max, got NaN and 0.0", () -> builder.clamp(Float.NaN, 0));
  }

  @Test
  void buffersThatDoNotFit() {
    try (DynamicMatMul op = OCTET.dynamicMatMul().weights(weights(S8, Quantization.perTensor(1)), IN_OUT)
        .prepare(); Arena arena = Arena.ofConfined()) {
      illegalArgument("rows: expected >= 0, got -1", () -> op.run(floats(3), floats(2), -1));
      illegalArgument("x: expected at least 24 bytes, got 20", () -> op.run(floats(5), floats(4), 2));
      illegalArgument("y: expected at least 16 bytes, got 12", () -> op.run(floats(6), floats(3), 2));
      illegalArgument("x: expected a row stride of at least 3 elements, got 2",
          () -> op.run(floats(6), 2, floats(4), 2, 2));
      illegalArgument("y: expected a row stride of at least 2 elements, got 1",
          () -> op.run(floats(6), 3, floats(4), 1, 2));
      illegalArgument("x: size 9223372036854775807 + 3 overflows 64 bits",
          () -> op.run(floats(6), Long.MAX_VALUE, floats(4), 2, 2));
      // 11 * 1676976733973595601 is 2^64 - 5: a product that wraps to a small number
      illegalArgument("x: size 11 x 1676976733973595601 overflows 64 bits",
          () -> op.run(floats(6), 1676976733973595601L, floats(24), 2, 12));
      illegalArgument("y: the segment is read-only", () -> op.run(floats(3), floats(2).asReadOnly(), 1));
      MemorySegment both = arena.allocate(20);
      illegalArgument("y: expected memory of its own, but it overlaps x",
          () -> op.run(both, both.asSlice(11), 1));
      op.run(both, both.asSlice(12), 1);
    }
  }

  @Test
  void useAfterClose() {
    WeightOnlyMatMul op = OCTET.weightOnlyMatMul().weights(weights(S8, Quantization.perTensor(1)), IN_OUT)
        .prepare();
    op.close();
    op.close();
    illegalState("this weightOnlyMatMul is closed", () -> op.run(floats(3), floats(2), 1));
    MemorySegment gone;
    try (Arena arena = Arena.ofShared()) {
      gone = arena.allocate(12);
    }
    try (DynamicMatMul open = OCTET.dynamicMatMul().weights(weights(S8, Quantization.perTensor(1)), IN_OUT)
        .prepare()) {
      illegalState("x: the arena of the segment is closed", () -> open.run(gone, floats(2), 1));
    }
  }

  /** When they are given, when the op is prepared, and when they are packed: by the name of the weights. */
  @Test
  void weightsWhoseMemoryIsGone() {
    weightsWhoseMemoryIsGone(Octet.builder().engine(Engine.SCALAR).open());
    weightsWhoseMemoryIsGone(Octet.builder().engine(Engine.VECTOR).open());
    weightsWhoseMemoryIsGone(Octet.open());
  }

  private static void weightsWhoseMemoryIsGone(Octet opened) {
    String closed = "weights: the arena of the segment is closed";
    try (Octet octet = opened) {
      BlockTensor blocks;
      QTensor bytes;
      DynamicMatMul.Builder ofBlocks;
      DynamicMatMul.Builder ofBytes;
      WeightOnlyMatMul.Builder weightOnly;
      MatMul.Builder matMul;
      try (Arena arena = Arena.ofShared()) {
        blocks = BlockTensor.of(BlockFormat.Q8_0, Shape.of(2, 32), arena.allocate(68));
        bytes = QTensor.of(S8, Shape.of(2, 32), Quantization.perChannel(0, new float[]{1, 1}),
            arena.allocate(64));
        ofBlocks = octet.dynamicMatMul().weights(blocks);
        ofBytes = octet.dynamicMatMul().weights(bytes, OUT_IN);
        weightOnly = octet.weightOnlyMatMul().weights(bytes, OUT_IN);
        matMul = octet.matMul().input(U8, Quantization.perTensor(1)).weights(bytes, OUT_IN).outputS32();
      }
      illegalState(closed, ofBlocks::prepare);
      illegalState(closed, ofBytes::prepare);
      illegalState(closed, weightOnly::prepare);
      illegalState(closed, matMul::prepare);
      illegalState(closed, () -> octet.dynamicMatMul().weights(blocks));
      illegalState("weights[1]: the arena of the segment is closed", () -> octet.dynamicMatMul()
          .weights(BlockTensor.of(BlockFormat.Q8_0, Shape.of(1, 32), MemorySegment.ofArray(new byte[34])),
              blocks));
      illegalState(closed, () -> octet.matMul().weights(bytes, OUT_IN));
      illegalState(closed, () -> octet.pack(blocks));
    }
  }
}
