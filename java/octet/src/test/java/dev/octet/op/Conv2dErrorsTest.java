package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OIHW;
import static dev.octet.testing.Refusals.illegalArgument;
import static dev.octet.testing.Refusals.illegalState;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What Conv2d refuses, and with which words. */
class Conv2dErrorsTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();
  private static final Quantization ONE = Quantization.perTensor(1);

  @AfterAll
  static void close() {
    OCTET.close();
  }

  /** Two 3x3 windows over 3 channels, S32. */
  private static Conv2d.Builder builder() {
    return OCTET.conv2d().input(U8, ONE).weights(weights(Shape.of(2, 3, 3, 3), ONE), OHWI).outputS32();
  }

  private static QTensor weights(Shape shape, Quantization quantization) {
    return QTensor.of(S8, shape, quantization, new byte[(int) shape.elements()]);
  }

  private static MemorySegment bytes(int count) {
    return MemorySegment.ofArray(new byte[count]);
  }

  private static MemorySegment floats(int count) {
    return MemorySegment.ofArray(new float[count]);
  }

  private static MemorySegment ints(int count) {
    return MemorySegment.ofArray(new int[count]);
  }

  @Test
  void buildersThatLackOrMismatch() {
    illegalArgument("input: not given; call input(...), inputAtRun(...) or inputPerImage(...)",
        () -> OCTET.conv2d().weights(weights(Shape.of(1, 1, 1, 1), ONE), OHWI).outputS32().prepare());
    illegalArgument("weights: not given", () -> OCTET.conv2d().input(U8, ONE).outputS32().prepare());
    illegalArgument("output: not given; call output(...), outputF32() or outputS32()",
        () -> OCTET.conv2d().input(U8, ONE).weights(weights(Shape.of(1, 1, 1, 1), ONE), OHWI).prepare());
    illegalArgument("input: expected U8 or S8, got S4", () -> OCTET.conv2d().input(S4, ONE));
    illegalArgument("input: expected one scale per tensor, got per channel on axis 3",
        () -> OCTET.conv2d().input(U8, Quantization.perChannel(3, new float[]{1})));
    illegalArgument("input: zero point 128 (index 0) is outside the range of S8, -128 to 127",
        () -> OCTET.conv2d().input(S8, Quantization.perTensor(1, 128)));
    illegalArgument("clamp: not offered with S32 output", () -> builder().relu().prepare());
    illegalArgument("bias: expected 2 (one an output channel), got 3",
        () -> builder().bias(new int[3]).prepare());
    illegalArgument("bias: expected 2 (one an output channel), got 1",
        () -> builder().bias(new float[1]).outputF32().prepare());
    illegalArgument("bias[0]: expected a finite number, got Infinity",
        () -> builder().bias(new float[]{Float.POSITIVE_INFINITY, 0}));
  }

  @Test
  void scalesAtRunThatDoNotFit() {
    illegalArgument("input: expected U8 or S8, got S4", () -> builder().inputAtRun(S4));
    illegalArgument("input: expected U8 or S8, got S4", () -> builder().inputPerImage(S4));
    illegalArgument(
        "bias: a float bias with S32 output needs a fixed input scale, not one that comes with the run",
        () -> builder().inputAtRun(U8).bias(new float[2]).prepare());
    try (Conv2d fixed = builder().prepare()) {
      illegalState("this conv2d has a fixed input scale: scales need inputAtRun or inputPerImage",
          () -> fixed.run(bytes(27), floats(1), null, ints(2), 1, 3, 3));
    }
    try (Conv2d conv = builder().inputAtRun(U8).prepare()) {
      illegalState("this conv2d was prepared with inputAtRun: run needs scales",
          () -> conv.run(bytes(27), ints(2), 1, 3, 3));
      illegalArgument("scales: expected at least 4 bytes, got 0",
          () -> conv.run(bytes(54), floats(0), null, ints(4), 2, 3, 3));
    }
    try (Conv2d conv = builder().inputPerImage(U8).prepare()) {
      illegalState("this conv2d was prepared with inputPerImage: run needs scales",
          () -> conv.run(bytes(27), ints(2), 1, 3, 3));
      illegalArgument("scales: expected at least 8 bytes, got 4",
          () -> conv.run(bytes(54), floats(1), null, ints(4), 2, 3, 3));
      illegalArgument("zeroPoints: expected at least 8 bytes, got 4",
          () -> conv.run(bytes(54), floats(2), ints(1), ints(4), 2, 3, 3));
      MemorySegment shared = ints(4);
      illegalArgument("y: expected memory of its own, but it overlaps scales",
          () -> conv.run(bytes(54), shared, null, shared, 2, 3, 3));
      illegalArgument("y: expected memory of its own, but it overlaps zeroPoints",
          () -> conv.run(bytes(54), floats(2), shared, shared, 2, 3, 3));
      conv.run(bytes(54), floats(2), null, shared, 2, 3, 3);
    }
  }

  @Test
  void weightsThatDoNotFit() {
    Conv2d.Builder builder = OCTET.conv2d();
    illegalArgument("weights: expected U8 or S8, got S4",
        () -> builder.weights(QTensor.of(S4, Shape.of(1, 1, 1, 1), ONE, new byte[1]), OHWI));
    illegalArgument("weights: expected layout OHWI, OIHW or HWIO for a convolution, got IN_OUT",
        () -> builder.weights(weights(Shape.of(1, 1, 1, 1), ONE), IN_OUT));
    illegalArgument("weights: expected a shape of rank 4 without empty dimensions (OIHW), got [3, 3]",
        () -> builder.weights(weights(Shape.of(3, 3), ONE), OIHW));
    illegalArgument("weights: expected a shape of rank 4 without empty dimensions (OHWI), got [1, 0, 1, 1]",
        () -> builder.weights(weights(Shape.of(1, 0, 1, 1), ONE), OHWI));
    illegalArgument(
        "weights: expected scales per tensor or per channel on axis 0 (output channels), got per channel on axis 3",
        () -> builder.weights(weights(Shape.of(1, 1, 1, 2), Quantization.perChannel(3, new float[]{1, 1})),
            OHWI));
    illegalArgument(
        "weights: expected scales per tensor or per channel on axis 0 (output channels), got per group of "
            + "2 along axis 3",
        () -> builder.weights(
            weights(Shape.of(1, 1, 1, 2), Quantization.perGroup(3, 2, new float[]{1})), OHWI));
    illegalArgument("groups: expected a divisor of 2 (output channels of weights [2, 3, 3, 3]), got 3",
        () -> builder().groups(3).prepare());
    illegalArgument("groups: expected >= 1, got 0", () -> builder().groups(0));
    int many = 1 << 30;
    illegalArgument("groups: expected a divisor of 2 (output channels of weights [2, 3, 3, 3]), got " + many,
        () -> builder().groups(many).prepare());
  }

  @Test
  void windowsThatDoNotFit() {
    illegalArgument("stride height: expected >= 1, got 0", () -> builder().stride(0, 1));
    illegalArgument("stride width: expected >= 1, got -1", () -> builder().stride(1, -1));
    illegalArgument("dilation height: expected >= 1, got 0", () -> builder().dilation(0));
    illegalArgument("dilation width: expected >= 1, got 0", () -> builder().dilation(1, 0));
    illegalArgument("padding top: expected >= 0, got -1", () -> builder().padding(-1));
    illegalArgument("padding left: expected >= 0, got -1", () -> builder().padding(0, -1));
    illegalArgument("padding bottom: expected >= 0, got -1", () -> builder().padding(0, 0, -1, 0));
    illegalArgument("padding right: expected >= 0, got -1", () -> builder().padding(0, 0, 0, -1));
    try (Conv2d conv = builder().dilation(2).padding(1, 0).prepare()) {
      illegalArgument("height: expected at least 5 (kernel 3, dilation 2) with padding, got 2 + 2",
          () -> conv.outputShape(Shape.of(1, 2, 5, 3)));
      illegalArgument("width: expected at least 5 (kernel 3, dilation 2) with padding, got 4 + 0",
          () -> conv.run(bytes(1000), ints(1000), 1, 3, 4));
      illegalArgument("height: expected >= 1, got 0", () -> conv.run(bytes(1000), ints(1000), 1, 0, 5));
      illegalArgument("width: expected >= 1, got -3", () -> conv.run(bytes(1000), ints(1000), 1, 5, -3));
      illegalArgument("batch: expected >= 0, got -1", () -> conv.run(bytes(1000), ints(1000), -1, 5, 5));
      illegalArgument("input: expected 3 channels in its last dimension, got [1, 5, 5, 4]",
          () -> conv.outputShape(Shape.of(1, 5, 5, 4)));
      illegalArgument("input: expected [batch, height, width, channels], got [5, 5, 3]",
          () -> conv.outputShape(Shape.of(5, 5, 3)));
      illegalArgument("shape [1, 4294967296, 5, 3]: dimension 1 exceeds 2^31 - 1",
          () -> conv.outputShape(Shape.of(1, 1L << 32, 5, 3)));
    }
    int most = Integer.MAX_VALUE;
    try (Conv2d conv = builder().padding(most).prepare()) {
      illegalArgument("height: the output's, 6442450939, exceeds 2^31 - 1",
          () -> conv.run(bytes(1), ints(1), 1, most, 1));
    }
    try (Conv2d conv = builder().prepare()) {
      illegalArgument("x: size 4611686014132420609 x 3 overflows 64 bits",
          () -> conv.run(bytes(1), ints(1), 1, most, most));
    }
  }

  @Test
  void buffersThatDoNotFit() {
    try (Conv2d conv = builder().prepare()) {
      illegalArgument("x: expected at least 120 bytes, got 119",
          () -> conv.run(bytes(119), ints(24), 2, 4, 5));
      illegalArgument("y: expected at least 96 bytes, got 92", () -> conv.run(bytes(120), ints(23), 2, 4, 5));
      conv.run(bytes(120), ints(24), 2, 4, 5);
      illegalArgument("y: the segment is read-only",
          () -> conv.run(bytes(120), ints(24).asReadOnly(), 2, 4, 5));
      MemorySegment all = bytes(130);
      illegalArgument("y: expected memory of its own, but it overlaps x",
          () -> conv.run(all, all.asSlice(26), 1, 3, 3));
      conv.run(all, all.asSlice(27), 1, 3, 3);
    }
  }

  @Test
  void useAfterClose() {
    Conv2d conv = builder().prepare();
    conv.close();
    illegalState("this conv2d is closed", () -> conv.run(bytes(27), ints(2), 1, 3, 3));
  }
}
