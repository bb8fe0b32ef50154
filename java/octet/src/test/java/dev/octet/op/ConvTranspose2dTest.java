package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.HWOI;
import static dev.octet.WeightLayout.IOHW;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.testing.Refusals.illegalArgument;
import static dev.octet.testing.Refusals.illegalState;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** ConvTranspose2d on the scalar engine: the law by hand, and what is refused, with which words. */
class ConvTranspose2dTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();
  private static final Quantization ONE = Quantization.perTensor(1);

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static QTensor weights(Shape shape, Quantization quantization) {
    return QTensor.of(S8, shape, quantization, new byte[(int) shape.elements()]);
  }

  private static int[] run(ConvTranspose2d.Builder builder, int batch, int height, int width, int... x) {
    try (ConvTranspose2d conv = builder.outputS32().prepare()) {
      Shape out = conv.outputShape(Shape.of(batch, height, width, x.length / (batch * height * width)));
      int[] y = new int[(int) out.elements()];
      conv.run(MemorySegment.ofArray(bytes(x)), MemorySegment.ofArray(y), batch, height, width);
      return y;
    }
  }

  /** One channel in, one out. */
  private static ConvTranspose2d.Builder builder(int kernelHeight, int kernelWidth, int... values) {
    return OCTET.convTranspose2d().input(U8, ONE).weights(
        QTensor.of(S8, Shape.of(1, 1, kernelHeight, kernelWidth), ONE, bytes(values)), IOHW);
  }

  @Test
  void windowsAddUpWhereTheyOverlap() {
    // {1, 2; 3, 4}, each times {1, 10; 20, 50}; in the middle 1 * 50 + 2 * 20 + 3 * 10 + 4 * 1.
    assertArrayEquals(new int[]{1, 12, 20, 23, 124, 140, 60, 230, 200},
        run(builder(2, 2, 1, 10, 20, 50), 1, 2, 2, 1, 2, 3, 4));
  }

  @Test
  void strideDilationAndPaddingByHand() {
    // {1, 10}, each times {1, 2, 3}, two columns apart.
    assertArrayEquals(new int[]{1, 2, 13, 20, 30}, run(builder(1, 3, 1, 2, 3).stride(1, 2), 1, 1, 2, 1, 10));
    assertArrayEquals(new int[]{2, 13, 20, 30},
        run(builder(1, 3, 1, 2, 3).stride(1, 2).padding(0, 1, 0, 0), 1, 1, 2, 1, 10));
    assertArrayEquals(new int[]{2, 13},
        run(builder(1, 3, 1, 2, 3).stride(1, 2).padding(0, 1, 0, 2), 1, 1, 2, 1, 10));
    assertArrayEquals(new int[]{1, 2, 100, 200}, run(builder(1, 2, 1, 100).dilation(2), 1, 1, 2, 1, 2));
    // The same upright.
    assertArrayEquals(new int[]{2, 13},
        run(builder(3, 1, 1, 2, 3).stride(2, 1).padding(1, 0, 2, 0), 1, 2, 1, 1, 10));
  }

  @Test
  void outputsThatNoTapMeetsAreTheBias() {
    // A window of one tap and stride 3: two of three columns, and those of the output padding.
    assertArrayEquals(new int[]{7 + 5, 7, 7, 7 + 50, 7, 7},
        run(builder(1, 1, 5).stride(1, 3).outputPadding(0, 2).bias(new int[]{7}), 1, 1, 2, 1, 10));
  }

  @Test
  void outputPaddingMeetsTaps() {
    // With padding on the right it gives back what that cut off.
    assertArrayEquals(new int[]{1, 2, 13, 20},
        run(builder(1, 3, 1, 2, 3).stride(1, 2).padding(0, 0, 0, 2).outputPadding(0, 1), 1, 1, 2, 1, 10));
  }

  @Test
  void zeroPointsAddNothing() {
    // 1 * 3 beside a column that no tap meets, from -2 with zero point -3 and 5 with zero point 2.
    assertArrayEquals(new int[]{3, 0}, run(OCTET.convTranspose2d().input(S8, Quantization.perTensor(1, -3))
        .weights(QTensor.of(S8, Shape.of(1, 1, 1, 1), Quantization.perTensor(1, 2), bytes(5)), IOHW)
        .stride(1, 2).outputPadding(0, 1), 1, 1, 1, -2));
  }

  @Test
  void groupsAndLayoutsByHand() {
    QTensor first = QTensor.of(S8, Shape.of(2, 2, 1, 1), ONE, bytes(1, 2, 3, 4));
    QTensor last = QTensor.of(S8, Shape.of(1, 1, 2, 2), ONE, bytes(1, 3, 2, 4));
    ConvTranspose2d.Builder builder = OCTET.convTranspose2d().input(U8, ONE);
    // 5 * {1, 2} + 7 * {3, 4}; in two groups 5 * {1, 2} and 7 * {3, 4}
    assertArrayEquals(new int[]{26, 38}, run(builder.weights(first, IOHW), 1, 1, 1, 5, 7));
    assertArrayEquals(new int[]{26, 38}, run(builder.weights(last, HWOI), 1, 1, 1, 5, 7));
    assertArrayEquals(new int[]{5, 10, 21, 28}, run(builder.groups(2), 1, 1, 1, 5, 7));
    assertArrayEquals(new int[]{5, 10, 21, 28}, run(builder.weights(first, IOHW), 1, 1, 1, 5, 7));
  }

  @Test
  void groupsShareScales() {
    QTensor w = QTensor.of(S8, Shape.of(2, 2, 1, 1), Quantization.perChannel(1, new float[]{1, 10}),
        bytes(1, 2, 3, 4));
    try (ConvTranspose2d conv = OCTET.convTranspose2d().input(U8, ONE).weights(w, IOHW).groups(2).outputF32()
        .prepare()) {
      float[] y = new float[4];
      conv.run(MemorySegment.ofArray(bytes(5, 7)), MemorySegment.ofArray(y), 1, 1, 1);
      assertArrayEquals(new float[]{5, 100, 21, 280}, y);
    }
  }

  @Test
  void batchesFollowEachOther() {
    assertArrayEquals(new int[]{1, 10, 2, 20}, run(builder(1, 2, 1, 10), 2, 1, 1, 1, 2));
  }

  /** Three channels in, two out, 3 x 3. */
  private static ConvTranspose2d.Builder square() {
    return OCTET.convTranspose2d().input(U8, ONE).weights(weights(Shape.of(3, 2, 3, 3), ONE), IOHW)
        .outputS32();
  }

  @Test
  void settingsThatDoNotFit() {
    illegalArgument("input: not given", () -> OCTET.convTranspose2d().outputS32().prepare());
    illegalArgument("weights: not given", () -> OCTET.convTranspose2d().input(U8, ONE).prepare());
    illegalArgument("output: not given; call output(...), outputF32() or outputS32()",
        () -> builder(1, 1, 1).prepare());
    illegalArgument("weights: expected U8 or S8, got S4", () -> OCTET.convTranspose2d()
        .weights(QTensor.of(S4, Shape.of(1, 1, 1, 1), ONE, new byte[1]), IOHW));
    illegalArgument("weights: expected layout IOHW or HWOI for a transposed convolution, got OHWI",
        () -> square().weights(weights(Shape.of(1, 1, 1, 1), ONE), OHWI));
    illegalArgument("weights: expected a shape of rank 4 without empty dimensions (HWOI), got [3, 3]",
        () -> square().weights(weights(Shape.of(3, 3), ONE), HWOI));
    illegalArgument(
        "weights: expected scales per tensor or per channel on axis 1 (output channels of a group),"
            + " got per channel on axis 0",
        () -> square()
            .weights(weights(Shape.of(1, 2, 1, 1), Quantization.perChannel(0, new float[]{1})), IOHW));
    illegalArgument("groups: expected a divisor of 3 (input channels of weights [3, 2, 3, 3]), got 2",
        () -> square().groups(2).prepare());
    illegalArgument("bias: expected 6 (one an output channel), got 2",
        () -> square().groups(3).bias(new int[2]).prepare());
    illegalArgument("clamp: not offered with S32 output", () -> square().relu().prepare());
    illegalArgument("output padding height: expected less than the stride, 2, or the dilation, 1, got 2",
        () -> square().stride(2).outputPadding(2, 0).prepare());
    illegalArgument("output padding width: expected less than the stride, 1, or the dilation, 3, got 3",
        () -> square().dilation(3).outputPadding(0, 3).prepare());
    illegalArgument("output padding width: expected >= 0, got -1", () -> square().outputPadding(0, -1));
    illegalArgument("padding left: expected >= 0, got -1", () -> square().padding(0, -1, 0, 0));
    illegalArgument("stride width: expected >= 1, got 0", () -> square().stride(1, 0));
    illegalArgument("dilation height: expected >= 1, got 0", () -> square().dilation(0, 1));
  }

  @Test
  void imagesThatDoNotFit() {
    try (ConvTranspose2d conv = square().padding(2).prepare()) {
      illegalArgument("height: expected an output of at least 1, got 0 of 2 with padding 4",
          () -> conv.outputShape(Shape.of(1, 2, 5, 3)));
      illegalArgument("width: expected an output of at least 1, got -1 of 1 with padding 4",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, 1, 3, 1));
      illegalArgument("input: expected 3 channels in its last dimension, got [1, 5, 5, 2]",
          () -> conv.outputShape(Shape.of(1, 5, 5, 2)));
      assertEquals(Shape.of(4, 3, 5, 2), conv.outputShape(Shape.of(4, 5, 7, 3)));
      illegalArgument("x: expected at least 27 bytes, got 26",
          () -> conv.run(MemorySegment.ofArray(new byte[26]), MemorySegment.ofArray(new int[2]), 1, 3, 3));
      illegalArgument("y: expected at least 8 bytes, got 4",
          () -> conv.run(MemorySegment.ofArray(new byte[27]), MemorySegment.ofArray(new int[1]), 1, 3, 3));
      MemorySegment all = MemorySegment.ofArray(new byte[34]);
      illegalArgument("y: expected memory of its own, but it overlaps x",
          () -> conv.run(all, all.asSlice(26), 1, 3, 3));
      illegalArgument("batch: expected >= 0, got -1", () -> conv.run(all, all, -1, 3, 3));
    }
    int most = Integer.MAX_VALUE;
    try (ConvTranspose2d conv = square().stride(most).dilation(most).prepare()) {
      illegalArgument("height: the output's, 4611686016279904257, exceeds 2^31 - 1",
          () -> conv.outputShape(Shape.of(1, most, 1, 3)));
    }
  }

  @Test
  void useAfterClose() {
    ConvTranspose2d conv = square().prepare();
    conv.close();
    illegalState("this convTranspose2d is closed",
        () -> conv.run(MemorySegment.ofArray(new byte[3]), MemorySegment.ofArray(new int[18]), 1, 1, 1));
  }
}
